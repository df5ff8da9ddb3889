"""The messages of the live socket, in both directions.

Each WebSocket text message is one JSON object. Unknown fields are ignored.

The server sends a `Frame`, which contains the status of the run and the bodies of panels that have changed. A live
viewer gets frames of the newest step. A viewer that looks back gets frames of an earlier step (`past: true`). The
server sends the next frame after the browser has reported that the last one is drawn. A browser
that requests them also gets a `HEARTBEAT` every second, because no frame is sent while nothing is new: a browser that
gets no message for longer has no connection.

The browser sends a `Request`, in which every field is optional: `panels` and `drawn` after each frame, `at` to look
back, `again` after a loss of data, `order` to control the run.

assets/socket/messages.js is the JavaScript counterpart: it checks frames and builds requests.
tests/dashboard/live/test_messages.py and tests/browser/test_messages.py check both sides against the types below.
"""

import json
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

# No `from __future__ import annotations` here: `type_problem` reads the annotations.

HEARTBEAT = '{"heartbeat":true}'  # the whole message; the browser compares the text
HEARTBEAT_INTERVAL = 1.0  # seconds; socket/liveness.js shows a lost connection after 2.5 s without a message

Order = Literal["toggle", "step", "step_epoch"]
# label, value, tone: the name of a colour, or empty; and the value of the ghost, or empty
Metric = tuple[str, str, str, str]


class TableRow(TypedDict):
    """The row of a run in the table of a group."""

    state: str
    cells: list[str]  # the first cell is the name of the run
    line: int  # the number of its line sample, because the rows of ended runs are ordered by result


class Status(TypedDict):
    """The state of a run or a group, and everything on the board outside of the panels."""

    state: str  # as in engine.runs.states
    over: bool  # True if no run has a worker; orders then go to the page, which can start or resume a run
    toggle: str  # the label of the button for the order "toggle"; empty if the order has no effect
    page: str  # the current `page_version`; if the page was built for another one, the browser requests a script run
    step: int  # the step that the frame shows
    last: int  # the newest step, which is the end of the timeline
    keyframe: int | None  # the step of the weights in the panels; None if it is `step`, or no panel needs weights
    fork_refusal: str  # why the run cannot be forked at `step`; empty if it can
    sentence: str  # what is trained, or how the run ended; of a group, how its runs ended
    notice: str  # why runs have ended and why changes were refused; may be empty
    metrics: list[Metric]  # of one run; empty for a group
    spoken: str  # a sentence for screen readers; may be empty
    measured_at: float  # seconds since 1970
    table: NotRequired[list[TableRow]]  # of a group: a row for each run


class Row(TypedDict):
    """A row of a panel without a chart."""

    label: str
    value: str
    copy: str  # the text for the clipboard; empty for a row without a copy button


class Body(TypedDict):
    """The changes of a panel since its last body, or the complete panel.

    An array in a trace is a list, or {"dtype", "bdata", "shape"} in the format of Plotly.js, with two additions. The
    dtype "bits" has one bit for each number. With `from`, the array is the first `from` characters of the last `bdata`
    followed by this `bdata`.
    """

    traces: list[dict[str, Any]]  # for each trace, the attributes to replace
    layout: dict[str, Any]  # attributes of the layout by dotted name; null removes the attribute
    text: NotRequired[str]  # a sentence for screen readers
    note: NotRequired[str]  # a few words in the title row
    caption: NotRequired[str]  # a sentence above the chart; "" for the caption of the panel
    missing: NotRequired[dict[str, str]]  # why the line of a check box is empty, by the name of the box
    rows: NotRequired[list[Row]]  # of a panel without a chart


class FailedPanel(TypedDict):
    """The body of a panel that cannot be drawn."""

    trouble: str  # the reason, in a sentence


class Frame(TypedDict):
    """A message from the server to the browser."""

    run: str  # the id of the run or the group
    past: NotRequired[Literal[True]]  # only in a frame of an earlier step
    status: Status | None  # None if it has not changed
    panels: dict[str, Body | FailedPanel]  # by name


class Request(TypedDict, total=False):
    """A message from the browser to the server."""

    panels: list[str]  # names of the panels in the viewport; the server sends no others
    drawn: bool  # True if the last frame is drawn; the server then sends the next one
    at: int | None  # the step to look back at; None returns to live
    again: Literal[True]  # data were lost, so the next frame must contain complete panels
    order: Order  # for the run or the group; `drawn` in the same message is ignored


def parse_request(text: str) -> Request:
    """Return the valid fields of a message from a browser; never raise.

    A text that is not a JSON object, an unknown field and a value of the wrong type are ignored. The result always has
    `drawn`. Two rules prevent a viewer from waiting forever. An `at` that is not a whole number returns to live. If
    `drawn` is missing, it is true, unless the message has `at`, `again` or `order`.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):  # deeply nested brackets raise RecursionError
        message = None
    if not isinstance(message, dict):
        message = {}
    drawn = message.get("drawn")
    request: Request = {}
    if isinstance(panels := message.get("panels"), list):
        request["panels"] = [name for name in panels if isinstance(name, str)]
    if "at" in message:
        request["at"] = None if type_problem(message["at"], int) else message["at"]
    if message.get("again") is True:
        request["again"] = True
    if not type_problem(message.get("order"), Order):
        request["order"] = message["order"]
    request["drawn"] = drawn if isinstance(drawn, bool) else request.keys().isdisjoint(("at", "again", "order"))
    return request


def type_problem(value: object, kind: Any, path: str = "") -> str:
    """Return an error message if `value` does not have a type of this module, "" if it does.

    Args:
        value: a value from a JSON document.
        kind: a type as in the annotations above.
        path: the path of the value in its message, for the error.
    """
    name = path or "it"
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return ""
    if is_typeddict(kind):
        return _fields_problem(value, kind, path)
    if origin is Literal:
        return "" if value in arguments and type(value) in map(type, arguments) else f"{name} is not one of {arguments}"
    if origin in (UnionType, Union):
        problems = [type_problem(value, item_type, path) for item_type in arguments]
        return "" if "" in problems else " or ".join(problems)
    if origin is list:
        if not isinstance(value, list):
            return f"{name} is not a list"
        return _first_problem(type_problem(item, arguments[0], f"{path}[{i}]") for i, item in enumerate(value))
    if origin is tuple:  # a list in JSON
        if not isinstance(value, list | tuple) or len(value) != len(arguments):
            return f"{name} is not a list of {len(arguments)}"
        pairs = enumerate(zip(value, arguments, strict=True))
        return _first_problem(type_problem(item, item_type, f"{path}[{i}]") for i, (item, item_type) in pairs)
    if origin is dict:
        if not isinstance(value, dict):
            return f"{name} is not an object"
        return _first_problem(type_problem(item, arguments[1], f"{path}.{key}") for key, item in value.items())
    if kind is float:
        kind = int | float
    is_kind = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return "" if is_kind else f"{name} is not {'null' if kind is NoneType else kind}"


def field_types(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return the type of each field of a typed dict, and whether the field is required."""
    types = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        types[name] = (get_args(hint)[0] if optional else hint, kind.__total__ and not optional)
    return types


def _fields_problem(value: object, kind: Any, path: str) -> str:
    if not isinstance(value, dict):
        return f"{path or 'it'} is not an object"
    for name, (hint, required) in field_types(kind).items():
        field_path = f"{path}.{name}" if path else name
        if name not in value:
            if required:
                return f"{field_path} is missing"
        elif problem := type_problem(value[name], hint, field_path):
            return problem
    return ""


def _first_problem(problems: Iterable[str]) -> str:
    return next(filter(None, problems), "")
