"""Rules for sources: colours, and the imports, classes and variables of JavaScript and style sheets."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from PIL.ImageColor import colormap

from dashboard.charts.palette import DARK, INTERFACE_THEMES, LIGHT, PAGE_VARIABLES
from dashboard.live.assets import MODULES
from dashboard.pages import style
from dashboard.replay.modules import module_of
from tests.dashboard.charts.contrast import contrast

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "dashboard"
ASSETS = sorted(file for file in DASHBOARD.rglob("*") if file.suffix in (".js", ".css", ".html"))
HAVE_COLOURS = ("dashboard/charts/palette.py", "engine/families/penalties/")  # each penalty defines its colour
SOURCES = sorted(
    file
    for package in ("dashboard", "engine")
    for file in (ROOT / package).rglob("*.py")
    if not file.relative_to(ROOT).as_posix().startswith(HAVE_COLOURS)
)
SCRIPTS = [file for file in ASSETS if file.suffix == ".js"]
COLOUR_CODE = re.compile(r"(?<!&)#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(", re.IGNORECASE)
# numbers of rows and columns, heights, and the colour of a line, which its figure has
NOT_COLOURS = {"rows", "talk-columns", "sentence", "notice", "line", "unit"}
IN_PAGES = {"rp-head", "rp-version", "rp-settings"}  # classes of dashboard/replay/assets/page.html


def name_of(file: Path) -> str:
    return file.relative_to(DASHBOARD).as_posix()


def without_comments(file: Path) -> str:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(^|\s)//.*", "", text) if file.suffix == ".js" else text


def colours_in(text: str, suffix: str) -> list[str]:
    """Return the colour codes of a text, and the colour names in its values."""
    found = COLOUR_CODE.findall(text)
    values = re.findall(r"""["'`]([a-z]+)["'`]""", text, re.IGNORECASE)
    if suffix != ".js":
        values += re.findall(r"[a-z]+", " ".join(re.findall(r":([^;{}]+)", re.sub(r"var\([^)]*\)", "", text))))
    return [*found, *(value for value in values if value.lower() in colormap)]


@pytest.mark.parametrize("file", ASSETS, ids=name_of)
def test_an_asset_contains_no_colour(file):
    assert colours_in(without_comments(file), file.suffix) == []


def colours_in_python(source: str) -> list[str]:
    """Return the colour codes in the strings of a module, without formats of computed colours."""
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    codes = re.compile(r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3})\b|\b(?:rgb|hsl)a?\(\s*\d", re.IGNORECASE)
    return [code for text in texts if isinstance(text, str) for code in codes.findall(text)]


@pytest.mark.parametrize("package", ["dashboard", "engine"])
def test_python_has_colours_only_in_the_palette_and_in_penalties(package):
    sources = [file for file in SOURCES if file.is_relative_to(ROOT / package)]
    found = {file.name: colours_in_python(file.read_text(encoding="utf-8")) for file in sources}
    assert len(sources) > 50
    assert {name: colours for name, colours in found.items() if colours} == {}


@pytest.mark.parametrize(
    ("source", "colours"),
    [
        ('x = "#0072B2"', ["#0072B2"]),
        ("x = \"<b style='color: #FFF'>\"", ["#FFF"]),
        ('x = "rgba(0,0,0,0)"', ["rgba(0"]),
        ('x = f"rgba({red}, {green}, {blue}, 0.5)"', []),
        ('x = "as #RRGGBB, or #12"', []),
    ],
)
def test_the_search_for_colours_in_python_finds_them(source, colours):
    assert colours_in_python(source) == colours


def test_the_theme_of_streamlit_has_the_colours_of_the_palette():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert theme["light"]["primaryColor"] == PAGE_VARIABLES["primary-button"]
    for name, palette in (("light", LIGHT), ("dark", DARK)):
        assert theme[name]["textColor"] == palette.text
    assert theme["dark"]["backgroundColor"] == INTERFACE_THEMES["dark"].page


@pytest.mark.parametrize(
    ("text", "suffix", "colours"),
    [
        ("p { color: #FFF; }", ".css", ["#FFF"]),
        ("p { border: 1px solid red; }", ".css", ["red"]),
        ("p { background: rgba(1, 2, 3, 0.5); }", ".css", ["rgba("]),
        ("p.red { color: var(--rs-red); white-space: nowrap; }", ".css", []),
        ("p { color: currentColor; background: transparent; }", ".css", []),
        ('set("fill", "white");', ".js", ["white"]),
        ("set(`#0072B2`);", ".js", ["#0072B2"]),
        ('find("#player"); const red = "none";', ".js", []),
    ],
)
def test_the_search_for_colours_finds_them(text, suffix, colours):
    assert colours_in(text, suffix) == colours


@pytest.mark.parametrize("theme", INTERFACE_THEMES)
def test_every_css_variable_of_the_assets_is_set_from_python(theme):
    used = {name for file in ASSETS for name in re.findall(r"var\(--rs-([a-z-]+)", file.read_text(encoding="utf-8"))}
    assert used - NOT_COLOURS == set(INTERFACE_THEMES[theme].css_variables())


def test_every_css_variable_of_the_pages_is_set_from_python():
    source = (DASHBOARD / "pages" / "style.py").read_text(encoding="utf-8")
    assert set(re.findall(r"var\(--rs-([a-z-]+)", source)) == set(PAGE_VARIABLES)
    assert set(PAGE_VARIABLES).isdisjoint(INTERFACE_THEMES["light"].css_variables()), (
        "page and board have different variables"
    )


def test_text_on_a_panel_is_legible_in_both_themes():
    for theme in ("light", "dark"):
        colours = INTERFACE_THEMES[theme]
        for text in (colours.text, colours.muted, colours.training, colours.validation):
            assert contrast(text, colours.raised) >= 4.5
    assert (LIGHT.training, DARK.training) == (INTERFACE_THEMES["light"].training, INTERFACE_THEMES["dark"].training)


@pytest.mark.parametrize("file", SCRIPTS, ids=name_of)
def test_the_imports_of_a_script_have_one_form_and_name_existing_files(file):
    """The replay replaces import specifiers of this form."""
    module = module_of(name_of(file))
    statements = re.findall(r"^\s*(?:import|export)\b(?! (?:async )?(?:function|class|const)\b).*", module.source, re.M)
    assert len(statements) == len(module.imports)
    for specifier, path in module.imports.items():
        assert specifier.startswith(("./", "../"))
        assert (DASHBOARD / path).is_file()


@pytest.mark.parametrize("file", SCRIPTS, ids=name_of)
def test_a_script_creates_elements_with_the_helpers_of_dom_js(file):
    assert "document.createElement" not in file.read_text(encoding="utf-8") or file.name == "dom.js"


def test_scripts_and_style_sheets_have_the_same_classes():
    """A class in only one of them is misspelled, or its rule has no effect."""
    scripts = " ".join(text for file in SCRIPTS for text in re.findall(r'"(r[sp]-[a-z -]+)"', without_comments(file)))
    sheets = " ".join(without_comments(file) for file in ASSETS if file.suffix == ".css")
    assert set(scripts.split()) == set(re.findall(r"\.(r[sp]-[a-z-]+)", sheets)) - IN_PAGES


def test_every_container_in_a_style_sheet_exists():
    """Streamlit gives a container with the key "head" the class "st-key-head"."""
    texts = [file.read_text(encoding="utf-8") for file in (*ASSETS, *DASHBOARD.rglob("*.py"))]
    styled = {name for text in texts for name in re.findall(r"\.st-key-(\w+)", text)}
    keys = {
        node.value.value
        for file in DASHBOARD.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "key" and isinstance(node.value, ast.Constant)
    }
    assert len(styled) > 5
    assert styled <= keys


@pytest.mark.parametrize("file", SCRIPTS, ids=name_of)
def test_a_script_is_short(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 200


def test_every_module_of_the_board_is_served():
    folder = DASHBOARD / "live" / "assets"
    assert set(MODULES) == {file.relative_to(folder).as_posix() for file in folder.rglob("*.js")}


def test_a_telephone_and_the_units_of_large_type_are_the_same_everywhere():
    script = (DASHBOARD / "live/assets/panels/enlarge.js").read_text(encoding="utf-8")
    css = without_comments(DASHBOARD / "live/assets/board.css")
    (narrow,) = re.findall(r'NARROW = "(.+)";', script)
    width, height = re.fullmatch(r"\(max-width: (\d+)px\), \(max-height: (\d+)px\)", narrow).groups()
    assert f"(max-width: {width}px)" == style.NARROW
    assert set(re.findall(r"@media ([^{]+) {", css)) == {
        narrow,
        style.NARROW,
        f"(min-width: {int(width) + 1}px) and (max-height: {height}px)",
    }
    units = dict(re.findall(r"(\w+_UNIT) = ([\d.]+);", script))
    assert f"clamp(1px, min(100vw / 1280, 100vh / 720), {units['MAX_UNIT']}px)" in css
    assert "Math.min(innerWidth / 1280, innerHeight / 720, MAX_UNIT)" in script
    assert f"--rs-unit: {units['NARROW_UNIT']}px" in css
