"""Talk mode: its panels, its rows of controls, and how another board goes on with it."""

from __future__ import annotations

import pytest

from dashboard.live.keys import mount_data
from tests.browser.conftest import DASHBOARD

pytestmark = pytest.mark.browser

TALK = """
  const { Talk } = await load("live/assets/controls/talk");
  const panels = ["a", "b", "c"].map((name) => ({ name, section: document.createElement("p"), scale: 1 }));
  const root = document.createElement("div"), performed = [];
  let restyled = 0, shownPanels = panels;
  const talk = new Talk({
    root, panels: () => shownPanels, perform: (name) => performed.push(name), restyle() { restyled += 1; } });
  const isShown = ({ section }) => !section.hasAttribute("data-away");
  const shown = () => panels.filter(isShown).map(({ name }) => name).join("");
"""


STEERING = {"choices": ["None", "L2"], "choice": "L2", "strength": "L2 λ 1", "pace": "125/s", "canSteer": True}


def test_the_talk_bar_has_a_button_for_each_command(run):
    found = run(
        TALK
        + """talk.mount(argument.labels, argument);
        const buttons = [...talk.root.querySelectorAll("button")];
        for (const node of buttons) node.click();
        talk.setRun({ toggle: "Pause", hasRun: true, over: false });
        const labels = buttons.map((node) => node.textContent);
        return { performed, labels, titles: buttons.map(({ title }) => title) };""",
        {"labels": mount_data()["labels"], "steering": STEERING},
    )
    commands = ["toggle", "step", "step_epoch", "previous", "next", "panels", "help", "leave"]
    settings = ["regularizer 0", "regularizer 1", "weaker", "stronger", "slower", "faster"]
    assert found["performed"] == [*commands, *settings, "ghost", "fork", "race", "damage"]
    assert found["labels"] == [
        *("Pause", "Step", "Step epoch", "Previous panel", "Next panel", "Two panels", "Keys", "Leave"),
        *("None", "L2", "−", "+", "−", "+", "Grey run", "Fork", "Race", "Damage"),
    ]
    assert found["titles"][:8] == [mount_data()["labels"][command] for command in commands]
    assert found["titles"][8:10] == ["Key 0", "Key 1"]


def test_the_talk_bar_shows_the_settings_of_the_page(run):
    found = run(
        TALK
        + """const look = (steering) => {
          talk.mount({}, { steering });
          const { strength, pace, choices, buttons, ofSettings, ofRun } = talk.steering;
          return [strength.textContent, pace.textContent, [...choices.children].map((node) => node.ariaPressed),
                  buttons.weaker.disabled, ofSettings[0].hidden, ofRun.hidden];
        };
        const { choices } = talk.steering;
        const looks = [look(argument)];
        const { firstChild } = choices;
        looks.push(look({ ...argument, choice: "None", strength: "", canSteer: false }));
        return [...looks, look(null), choices.firstChild === firstChild];""",
        STEERING,
    )
    first, none, group, kept = found
    assert first == ["L2 λ 1", "125/s", ["false", "true"], False, False, False]
    assert none == ["–", "125/s", ["true", "false"], True, False, False]
    assert group[4:] == [True, True], "the settings are not those of several runs"
    assert kept, "the buttons are not replaced, so the focus stays"


def test_another_board_goes_on_with_talk_mode_until_the_user_leaves_it(run):
    found = run(
        TALK
        + """const other = () => new Talk({ root, panels: () => panels, perform() {}, restyle() {} });
        const states = [];
        talk.setOn(true);
        talk.setCount(2);
        talk.close();
        const next = other();
        states.push([talk.isOn, next.isOn]);
        next.mount({});
        states.push([next.isOn, next.count, document.documentElement.className]);
        next.setOn(false);
        next.close();
        const last = other();
        last.mount({});
        return [...states, [last.isOn, document.documentElement.className]];"""
    )
    assert found == [[False, False], [True, 2, "rs-talk"], [False, ""]]


def test_a_key_shows_a_panel_and_two_panels_are_any_two(run):
    found = run(
        TALK
        + """talk.setOn(true);
        const looks = [];
        const show = (index) => { talk.showPanel(index); looks.push(shown()); };
        show(2);
        talk.setCount(2);
        show(1);
        show(1);
        show(0);
        show(9);
        return looks;"""
    )
    assert found == ["c", "ab", "ab", "ab", "ab"]


def test_talk_mode_marks_the_page_and_removes_the_focus_from_fields(run):
    found = run(
        TALK
        + """const field = document.createElement("input");
        document.body.append(field);
        const states = [];
        const look = () => states.push([document.documentElement.classList.contains("rs-talk"), talk.isOn,
                                        document.activeElement === field, panels[1].scale > 1]);
        look();
        field.focus();
        talk.setOn(true);
        look();
        field.focus();
        talk.setOn(false);
        look();
        return states;"""
    )
    assert found == [[False, False, False, False], [True, True, False, True], [False, False, True, False]]


def test_talk_mode_cycles_through_the_panels_in_both_directions(run):
    found = run(
        TALK
        + """talk.setOn(true);
        talk.setCount(2);
        const turns = [[shown(), talk.positionLabel.textContent]];
        for (const panels of [1, 1, 1, -2]) {
          talk.movePanels(panels);
          turns.push([shown(), talk.positionLabel.textContent]);
        }
        return { turns, columns: root.style.getPropertyValue("--rs-talk-columns"), restyled };"""
    )
    assert found["turns"] == [
        ["ab", "1 and 2 of 3"],
        ["bc", "2 and 3 of 3"],
        ["ac", "3 and 1 of 3"],
        ["ab", "1 and 2 of 3"],
        ["bc", "2 and 3 of 3"],
    ]
    assert (found["columns"], found["restyled"]) == ("2", 6)


def test_talk_mode_shows_one_panel_if_the_layout_has_only_one(run):
    found = run(
        TALK
        + """shownPanels = [];
        talk.setOn(true);
        const none = [talk.positionLabel.textContent, restyled];
        shownPanels = panels.slice(0, 1);
        talk.setCount(2);
        return [none, talk.positionLabel.textContent, root.style.getPropertyValue("--rs-talk-columns")];"""
    )
    assert found == [["", 0], "1 of 1", "1"]


def test_talk_mode_disables_the_orders_that_have_no_effect(run):
    found = run(
        TALK
        + """const looks = [];
        const disabled = () => [...talk.root.querySelectorAll("button:disabled")].map((node) => node.textContent);
        const look = () => looks.push(disabled());
        talk.mount({}, argument);
        talk.setRun({ toggle: "Pause", hasRun: true, over: false });
        look();
        talk.setConnected(false);
        look();
        talk.setConnected(true);
        talk.setRun({ toggle: "Start", hasRun: false, over: false });
        look();
        talk.setRun({ toggle: "Start", hasRun: true, over: true });
        look();
        talk.setRun({ toggle: "", hasRun: true, over: true });
        look();
        return { looks, text: talk.buttons.toggle.textContent };""",
        {"steering": STEERING},
    )
    steps = ["Step", "Step epoch"]
    assert found["looks"] == [[], ["Pause", *steps], ["Fork", "Damage"], steps, ["Ended", *steps]]
    assert found["text"] == "Ended"


def test_the_talk_bar_says_what_is_on_the_board_and_why_a_command_was_refused(run):
    found = run(
        TALK
        + """const texts = [];
        talk.mount({}, { problem: "No memory." });
        texts.push([talk.subtitle.textContent, talk.problem.textContent]);
        talk.setOn(true);
        for (const data of [{ subtitle: "Digits · seed 1", problem: "No memory." }, { subtitle: "Digits" }]) {
          talk.mount({}, data);
          texts.push([talk.subtitle.textContent, talk.problem.textContent]);
        }
        return texts;"""
    )
    assert found == [["", ""], ["Digits · seed 1", "No memory."], ["Digits", ""]]


@pytest.fixture
def resize(modules_page):
    """A function that changes the size of the window, which is 1280 × 720 at first and afterwards."""
    before = modules_page.viewport_size

    def change(width: int, height: int) -> None:
        modules_page.set_viewport_size({"width": width, "height": height})
        modules_page.wait_for_function("([w, h]) => innerWidth === w && innerHeight === h", arg=[width, height])
        modules_page.evaluate("() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")

    change(1280, 720)
    yield change
    modules_page.set_viewport_size(before)


@pytest.mark.parametrize(
    ("width", "height", "unit"),
    [(1280, 720, 1), (1920, 1080, 1.5), (1920, 720, 1), (390, 844, 0.7), (844, 390, 0.7), (4000, 2400, 3)],
)
def test_the_type_of_talk_mode_grows_with_the_screen(run, resize, width, height, unit):
    look = """() => {
      const { talk, panels, root, largeScale } = window.shared;
      const type = getComputedStyle(root.firstElementChild).fontSize;
      return [panels[0].scale, largeScale(), parseFloat(type), window.shared.restyled()];
    }"""
    run(
        TALK
        + """const { largeScale } = await load("live/assets/panels/enlarge");
        const style = document.createElement("style"), probe = document.createElement("p");
        style.textContent = argument;
        root.className = "rs-board";
        probe.style.fontSize = "calc(20 * var(--rs-unit))";
        root.append(probe);
        document.body.append(style, root);
        talk.setOn(true);
        window.shared = { talk, panels, root, largeScale, restyled: () => restyled };""",
        (DASHBOARD / "live/assets/board.css").read_text(encoding="utf-8"),
    )
    before = run(f"return ({look})();")
    assert before[:3] == [pytest.approx(5 / 3), pytest.approx(5 / 3), pytest.approx(20)]
    resize(width, height)
    scale, large_scale, type_size, restyled = run(f"return ({look})();")
    assert scale == large_scale == pytest.approx(unit * 5 / 3)
    assert type_size == pytest.approx(12 * large_scale), "text around a figure has the size of the text in it"
    assert restyled - before[3] == int(unit != 1), "drawn again only if the scale changes"
    run("window.shared.talk.close();")
    resize(1000, 2000)
    assert run(f"return ({look})();")[3] == restyled


def test_a_button_of_the_board_opens_talk_mode(run):
    found = run(
        TALK + "talk.openButton.click(); return [performed, talk.openButton.textContent, talk.openButton.title];"
    )
    assert found[:2] == [["talk"], "Projector"]
    assert found[2].endswith("(p)")
