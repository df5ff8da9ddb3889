"""Saving a chart as a picture, and enlarging a figure for talk mode."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("kind", "legend", "scale"), [("png", "ends", 2), ("svg", "none", 1)])
def test_a_picture_has_title_background_and_names_of_the_lines_of_its_panel(run, kind, legend, scale):
    found = run(
        """const { savePicture } = await load("live/assets/panels/pictures");
        const title = document.createElement("h3"), section = document.createElement("section"), saved = [];
        title.textContent = "Cost & <accuracy>";
        section.style.cssText = "background-color: rgb(1, 2, 3); color: rgb(4, 5, 6)";
        document.body.append(section);
        const chart = { data: [{ y: [1] }], layout: { margin: { l: 30, t: 3 }, showlegend: false, title: "old" },
                        _fullLayout: { margin: { t: 8 } },
                        getBoundingClientRect: () => ({ width: 300.4, height: 199.6 }) };
        Plotly.downloadImage = async (figure, options) => saved.push({ figure, options });
        await savePicture({ title, section, chart, legendPlace: argument.legend }, argument.kind, "cost-7");
        return saved;""",
        {"kind": kind, "legend": legend},
    )
    (saved,) = found
    above = 64 if legend == "ends" else 40  # pixels for the title, and for the legend of Plotly.js
    size = {"width": 300, "height": 200 + above}
    assert saved["options"] == {"format": kind, "scale": scale, "filename": "cost-7", **size}
    layout = saved["figure"]["layout"]
    assert saved["figure"]["data"] == [{"y": [1]}]
    assert layout["title"]["text"] == "Cost &amp; &lt;accuracy>"
    assert (layout["paper_bgcolor"], layout["title"]["font"]["color"]) == ("rgb(1, 2, 3)", "rgb(4, 5, 6)")
    assert (layout["margin"], layout["showlegend"]) == ({"l": 30, "t": 8 + above}, legend == "ends")
    assert {name: layout[name] for name in size} == size
    places = {"x": 0.01, "xanchor": "left", "y": 0.98, "yanchor": "top"}
    assert {name: layout["title"][name] for name in places} == places
    assert layout["title"]["font"]["size"] == 16


# enlarged figures


def test_an_enlarged_figure_has_larger_texts_everywhere(run):
    found = run(
        """const { enlargeFigure } = await load("live/assets/panels/enlarge");
        const data = [{ textfont: { size: 14 }, line: { width: "auto" }, marker: { size: [1, 2] } }, {}];
        const figure = { data, layout: {
          font: {}, margin: { l: 3, r: 3, t: 3, b: 3 }, legend: { font: { size: 11 } },
          hoverlabel: { font: { size: 13 } },
          xaxis: { title: { font: { size: 12 } }, tickvals: [1] }, yaxis2: { nticks: 3, tickfont: {} }, yaxis: {},
          xaxisname: {}, annotations: [{ text: "a" }, { font: { size: 4 } }] } };
        enlargeFigure(figure, 2);
        return figure;"""
    )
    layout = found["layout"]
    assert layout["font"]["size"] == 24  # 12 pixels are the default of Plotly.js
    assert (layout["legend"]["font"]["size"], layout["hoverlabel"]["font"]["size"]) == (24, 26), (
        "at least 12 pixels, enlarged"
    )
    assert layout["xaxis"] == {"title": {"font": {"size": 24}}, "tickvals": [1]}
    assert layout["yaxis2"] == {"nticks": 3, "tickfont": {"size": 24}}
    assert (layout["yaxis"], layout["xaxisname"]) == ({"nticks": 6}, {})
    assert layout["annotations"] == [{"text": "a"}, {"font": {"size": 24}}]
    assert found["data"] == [{"textfont": {"size": 28}, "line": {"width": "auto"}, "marker": {"size": [2, 4]}}, {}]


def test_only_annotations_of_a_frame_are_enlarged(run):
    found = run(
        """const { enlargeLayoutPart } = await load("live/assets/panels/enlarge");
        const marks = [{ font: { size: 15, color: "red" } }];
        return [enlargeLayoutPart("annotations", marks, 2), enlargeLayoutPart("shapes", marks, 2),
                enlargeLayoutPart("annotations", null, 2), marks];"""
    )
    marks = [{"font": {"size": 15, "color": "red"}}]
    assert found == [[{"font": {"size": 30, "color": "red"}}], marks, None, marks]
