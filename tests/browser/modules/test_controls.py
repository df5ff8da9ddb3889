"""The controls of the board: commands, keys and the timeline."""

from __future__ import annotations

import pytest

from dashboard.live.keys import SHORTCUTS, TALK_SHORTCUTS, mount_data

pytestmark = pytest.mark.browser

COMMANDS = """
  const { commandHandler } = await load("live/assets/controls/commands");
  const calls = [];
  const record = (object, names) => Object.fromEntries(
    names.map((name) => [name, (...given) => { calls.push([`${object}.${name}`, ...given]); return argument.sent; }]));
  const talk = { isOn: argument.on, count: argument.count ?? 1,
                 ...record("talk", ["setOn", "movePanels", "setCount", "showPanel"]) };
  const perform = commandHandler({
    timeline: { canMoveForward: argument.back, forkButton: record("fork", ["click"]),
                ...record("timeline", ["moveBy", "returnToLive"]) },
    talk, help: record("help", ["toggle"]), viewer: record("viewer", ["sendOrder"]),
    reports: record("reports", ["order"]),
    canTakeOrders: () => argument.worker, isConnected: () => !argument.lost, pageCommands: () => ["stronger", "race"],
  });
"""
STATE = {"on": False, "back": False, "worker": True, "sent": True, "lost": False}


@pytest.mark.parametrize(
    ("command", "state", "calls"),
    [
        ("back", {}, [["timeline.moveBy", -1]]),
        ("live", {}, [["timeline.returnToLive"]]),
        ("talk", {}, [["talk.setOn", True]]),
        ("talk", {"on": True}, [["talk.setOn", False]]),
        ("leave", {"on": True}, [["talk.setOn", False]]),
        ("next", {}, [["talk.movePanels", 1]]),
        ("previous", {}, [["talk.movePanels", -1]]),
        ("panels", {}, [["talk.setCount", 2]]),
        ("panels", {"count": 2}, [["talk.setCount", 1]]),
        ("panel 3", {"lost": True}, [["talk.showPanel", 2]]),
        ("help", {"lost": True}, [["help.toggle"]]),
        ("fork", {}, [["fork.click"]]),
        ("stronger", {}, [["reports.order", "stronger"]]),
        ("race", {"worker": False, "back": True}, [["reports.order", "race"]]),
        ("step", {"back": True}, [["timeline.moveBy", 1]]),
        ("step", {}, [["timeline.returnToLive"], ["viewer.sendOrder", "step"]]),
        ("toggle", {"back": True}, [["timeline.returnToLive"], ["viewer.sendOrder", "toggle"]]),
        ("toggle", {"worker": False}, [["timeline.returnToLive"], ["reports.order", "toggle"]]),
        *(
            (command, {"lost": True}, [])
            for command in ("back", "live", "fork", "race", "step", "toggle", "step_epoch")
        ),
        ("talk", {"lost": True}, [["talk.setOn", True]]),
        ("next", {"lost": True}, [["talk.movePanels", 1]]),
        (
            "step_epoch",
            {"sent": False},
            [["timeline.returnToLive"], ["viewer.sendOrder", "step_epoch"], ["reports.order", "step_epoch"]],
        ),
    ],
)
def test_a_command_calls_the_right_part_of_the_board(run, command, state, calls):
    found = run(COMMANDS + "perform(argument.command); return calls;", {**STATE, **state, "command": command})
    assert found == calls


# keys

KEYS = """
  const { addKeyListener } = await load("live/assets/controls/keys");
  const performed = [];
  let inTalk = false, commands = argument?.keys ?? null;
  const remove = addKeyListener({
    commands: () => commands, inTalk: () => inTalk, perform: (command) => performed.push(command) });
  const press = (key, target = document.body, rest = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...rest });
    target.dispatchEvent(event);
    return [performed.splice(0)[0] ?? null, event.defaultPrevented];
  };
"""


@pytest.mark.parametrize("talk", [False, True])
def test_every_key_of_the_table_performs_its_command(run, talk):
    keys = [key for each in (*SHORTCUTS, *TALK_SHORTCUTS) for key in each.keys]
    found = run(
        KEYS + "inTalk = argument.talk; return argument.pressed.map((key) => press(key));",
        {"keys": mount_data(), "talk": talk, "pressed": [*keys, "x"]},
    )
    expected = {key: each.command for each in SHORTCUTS for key in each.keys}
    if talk:
        expected |= {key: each.command for each in TALK_SHORTCUTS for key in each.keys}
    assert found == [[expected.get(key), key in expected] for key in [*keys, "x"]]


def test_keys_with_modifiers_and_before_the_mount_do_nothing(run):
    found = run(
        KEYS
        + """const modifiers = ["ctrlKey", "metaKey", "altKey"];
        const modified = modifiers.map((name) => press("e", document.body, { [name]: true }));
        const used = new KeyboardEvent("keydown", { key: "e", cancelable: true, bubbles: true });
        document.body.addEventListener("keydown", (event) => event.preventDefault(), { once: true });
        document.body.dispatchEvent(used);
        const shifted = press("e", document.body, { shiftKey: true });
        commands = null;
        const early = press("e");
        commands = argument.keys;
        remove();
        return { modified, shifted, early, removed: press("e"), left: performed };""",
        {"keys": mount_data()},
    )
    none = [None, False]
    assert found == {
        "modified": [none] * 3,
        "shifted": ["step_epoch", True],
        "early": none,
        "removed": none,
        "left": [],
    }


@pytest.mark.parametrize(
    ("focus", "commands"),
    [
        ("<p>", ["toggle", "step_epoch", "leave", "talk"]),
        ("<input>", []),
        ("<input type='number'>", []),
        ("<textarea>", []),
        ("<select>", []),
        ("<p contenteditable='true'>", []),
        ("<p contenteditable=''>", []),
        ("<p contenteditable='false'>", ["toggle", "step_epoch", "leave", "talk"]),
        ("<input type='range'>", ["leave", "talk"]),
        ("<p role='slider'>", ["leave", "talk"]),
        ("<p role='dialog'>", ["leave", "talk"]),
        ("<p role='listbox'>", ["leave", "talk"]),
        ("<p role='radiogroup'>", ["leave", "talk"]),
        ("<button>", ["step_epoch", "leave", "talk"]),
        ("<a>", ["step_epoch", "leave", "talk"]),
        ("<summary>", ["step_epoch", "leave", "talk"]),
        ("<p role='button'>", ["step_epoch", "leave", "talk"]),
        ("<p role='checkbox'>", ["step_epoch", "leave", "talk"]),
    ],
)
def test_keys_that_the_focused_element_uses_perform_no_command(run, focus, commands):
    found = run(
        KEYS
        + """inTalk = true;
        document.body.innerHTML = argument.focus;
        const target = document.body.firstChild;
        return [" ", "e", "Escape", "p"].map((key) => press(key, target)[0]).filter(Boolean);""",
        {"keys": mount_data(), "focus": focus},
    )
    assert found == commands


def test_a_key_pressed_on_the_document_performs_its_command(run):
    assert run(KEYS + "return press('e', document);", {"keys": mount_data()}) == ["step_epoch", True]


# timeline

TIMELINE = """
  const { Timeline } = await load("live/assets/controls/timeline");
  const looks = [], forks = [];
  const timeline = new Timeline((step) => looks.push(step), (step) => forks.push(step));
  const { slider, liveButton: live, forkButton: fork, label, root } = timeline;
  const look = () => ({ value: Number(slider.value), label: label.textContent, back: root.hasAttribute("data-back"),
                        live: !live.disabled, spoken: slider.getAttribute("aria-valuetext") });
"""


def test_the_timeline_follows_the_run_until_the_user_looks_back(run):
    found = run(
        TIMELINE
        + """const states = [look()];
        for (const act of [() => timeline.setLast(1200), () => timeline.moveTo(1100), () => timeline.setLast(1300),
                           () => timeline.setKeyframe(1000), () => timeline.setKeyframe(1100),
                           () => timeline.setKeyframe(null), () => timeline.returnToLive(),
                           () => timeline.returnToLive()]) {
          act();
          states.push(look());
        }
        return { states, looks };"""
    )
    thin = "\u202f"
    back = {"value": 1100, "label": f"step 1{thin}100", "back": True, "live": True, "spoken": f"step 1{thin}100"}
    weights = f"step 1{thin}100, weights of step 1{thin}000"
    live = {"label": "now", "back": False, "live": False}
    assert found["states"] == [
        {**live, "value": 0, "spoken": "now, step 0"},
        {**live, "value": 1200, "spoken": f"now, step 1{thin}200"},
        back,
        back,
        {**back, "label": weights, "spoken": weights},
        back,
        back,
        {**live, "value": 1300, "spoken": f"now, step 1{thin}300"},
        {**live, "value": 1300, "spoken": f"now, step 1{thin}300"},
    ]
    assert found["looks"] == [1100, None]


def test_the_timeline_stays_between_the_first_and_the_newest_step(run):
    found = run(
        TIMELINE
        + """timeline.moveBy(-1); // there is no earlier step yet
        timeline.setLast(3);
        const moves = [-1, -1, -5, 1, 9].map((steps) => {
          timeline.moveBy(steps);
          return [timeline.at, timeline.isLookingBack, timeline.canMoveForward];
        });
        timeline.returnToLive();
        return { moves, live: [timeline.at, timeline.isLookingBack, timeline.canMoveForward], looks };"""
    )
    assert found == {
        "moves": [[2, True, True], [1, True, True], [0, True, True], [1, True, True], [3, True, False]],
        "live": [None, False, False],
        "looks": [2, 1, 0, 1, 3, None],
    }


def test_the_slider_covers_the_steps_and_is_disabled_before_the_first(run):
    found = run(
        TIMELINE
        + """const limits = (step) => {
          timeline.setLast(step);
          return [slider.type, slider.min, slider.max, slider.step, slider.disabled, fork.disabled];
        };
        return { looks: [limits(0), limits(1), limits(20)], label: slider.getAttribute("aria-label"),
                 parts: [...root.children].map(({ tagName }) => tagName), titles: [fork.title, live.title],
                 texts: [fork.textContent, live.textContent] };"""
    )
    assert found["looks"] == [
        ["range", "0", "1", "1", True, True],
        ["range", "0", "1", "1", False, False],
        ["range", "0", "20", "1", False, False],
    ]
    assert found["label"] == "Look back at a step"
    assert found["parts"] == ["INPUT", "OUTPUT", "SPAN", "BUTTON", "BUTTON"]
    assert found["texts"] == ["Fork here", "Live"]
    assert found["titles"] == ["Continue from this step with other settings", "Return to the newest step"]


def test_slider_and_buttons_of_the_timeline_call_their_functions(run):
    found = run(
        TIMELINE
        + """timeline.setLast(9);
        fork.click();
        slider.value = 4;
        slider.dispatchEvent(new Event("input"));
        fork.click(); // without effect until the frame of this step arrives
        timeline.setForkRefusal("");
        fork.click();
        timeline.setKeyframe(2);
        slider.value = 5;
        slider.dispatchEvent(new Event("input"));
        const text = label.textContent; // without the keyframe of the previous step
        live.click();
        return { forks, looks, text, at: timeline.at };"""
    )
    assert found == {"forks": [9, 4], "looks": [4, 5, None], "text": "step 5", "at": None}


# double clicks


def test_the_second_of_two_fast_clicks_on_a_switch_has_no_effect(modules_page, run):
    """The clicks are those of a real mouse: a click by a program is never ignored."""
    run(
        """const { ignoreDoubleClicks } = await load("live/assets/controls/double_clicks");
        document.body.innerHTML = "<div class='st-key-transport'><button data-testid='stBaseButton-primary'>Start"
          + "</button></div><button class='other'>Step</button><button data-rs-switch>Start</button>";
        window.pressed = [];
        for (const [i, button] of document.querySelectorAll("button").entries()) {
          button.addEventListener("click", () => pressed.push(i));
        }
        window.stop = ignoreDoubleClicks();"""
    )
    first, other, talk = modules_page.locator("button").all()
    for button in (first, other, talk):
        box = button.bounding_box()
        position = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        modules_page.mouse.dblclick(*position)
        modules_page.wait_for_function("!document.documentElement.classList.contains('rs-just-clicked')")
    assert modules_page.evaluate("pressed.splice(0)") == [0, 1, 1, 2]
    first.click()
    modules_page.wait_for_function("!document.documentElement.classList.contains('rs-just-clicked')")
    modules_page.evaluate("document.querySelector('button').click(); document.querySelector('button').click()")
    assert modules_page.evaluate("pressed.splice(0)") == [0, 0, 0]
    modules_page.evaluate("stop()")
    first.dblclick()
    assert modules_page.evaluate("pressed.splice(0)") == [0, 0]


def test_enter_that_is_held_down_presses_a_switch_once(modules_page, run):
    run(
        """const { ignoreDoubleClicks } = await load("live/assets/controls/double_clicks");
        document.body.innerHTML = "<button data-rs-switch>Start</button>";
        window.pressed = 0;
        document.querySelector("button").addEventListener("click", () => { pressed += 1; });
        ignoreDoubleClicks();"""
    )
    modules_page.locator("button").focus()
    for _ in range(3):
        modules_page.keyboard.down("Enter")  # the second and the third have `repeat`
    modules_page.keyboard.up("Enter")
    assert modules_page.evaluate("pressed") == 1


def test_a_key_that_is_held_down_switches_once_and_steps_again_and_again(run):
    found = run(
        KEYS
        + """const hold = (key) => [press(key), press(key, document.body, { repeat: true })].map(([name]) => name);
        return [" ", "b", "p", ".", "ArrowLeft"].map(hold);""",
        {"keys": mount_data()},
    )
    assert found == [["toggle", None], ["toggle", None], ["talk", None], ["step", "step"], ["back", "back"]]


# a lost connection


def test_the_timeline_is_disabled_without_a_connection(run):
    found = run(
        TIMELINE
        + """timeline.setLast(9);
        timeline.moveTo(4);
        timeline.setForkRefusal("");
        const disabled = [];
        for (const isConnected of [true, false, true]) {
          timeline.setConnected(isConnected);
          disabled.push([slider.disabled, live.disabled, fork.disabled, fork.title]);
        }
        return disabled;"""
    )
    title = "Continue from this step with other settings"
    there = [False, False, False, title]
    assert found == [there, [True, True, True, "There is no connection to the server"], there]


def test_the_controls_of_the_page_are_inert_without_a_connection(run):
    found = run(
        """const { PageControls } = await load("live/assets/controls/page_controls");
        document.body.innerHTML =
          "<div class='st-key-transport'></div><div data-testid='stSidebarUserContent'></div><p></p>";
        const controls = new PageControls(), looks = [];
        for (const isConnected of [false, true]) {
          controls.setConnected(isConnected);
          looks.push([...document.body.children].map(({ inert }) => inert));
        }
        return looks;"""
    )
    assert found == [[True, True, False], [False] * 3]


def test_the_timeline_has_a_badge_with_its_meaning(run):
    found = run(
        """const { Timeline } = await load("live/assets/controls/timeline");
        const timeline = new Timeline(() => {}, () => {}), looks = [];
        for (const text of ["settings changed", ""]) {
          timeline.setBadge(text);
          looks.push([timeline.badge.textContent, timeline.badge.title, timeline.root.contains(timeline.badge)]);
        }
        return looks;"""
    )
    title = "The sidebar has other settings than this run. Start trains a new run with them."
    assert found == [["settings changed", title, True], ["", "", True]]
