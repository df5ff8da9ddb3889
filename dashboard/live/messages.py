"""The messages on the live socket, in both directions.

Each WebSocket text message is one JSON object. Unknown fields are ignored.

The server sends a `Frame`: the status of the run and the bodies of some panels, as far as they have changed. A viewer
that watches live gets frames of the present; a viewer that looks back at a step gets frames of the past
(`past: true`). The server sends the next frame after the browser has answered that the last one is drawn.

The browser sends a `Request` with the fields it needs: `panels` and `drawn` after each frame, `at` to look back,
`again` after data were lost, `order` for the run.

assets/socket/messages.js is the JavaScript counterpart: it checks frames and builds requests.
tests/dashboard/live/test_messages.py and tests/browser/test_messages.py check both sides against the types below.
"""

import json
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

# Annotations are not postponed in this module: `problem` reads them.

Order = Literal["toggle", "step", "step_epoch"]
Metric = tuple[str, str, str]  # label, value, tone: the name of a colour, or empty


class TableRow(TypedDict):
    """The row of a run in the table of a group."""

    state: str
    cells: list[str]  # the first one is the name of the run


class Status(TypedDict):
    """The state of a run or a group, and everything on the board outside of the panels."""

    state: str  # as in engine.runs.states
    over: bool  # whether no run has a worker any more: orders go to the page, which can start or resume a run
    toggle: str  # label of the button that gives the order "toggle"
    page: str  # if it differs from the `page_version` of the Streamlit page, the browser requests a script run
    step: int  # the step that the frame shows
    last: int  # the newest step, where the timeline ends
    keyframe: int | None  # the step whose weights are shown; None if it is `step`, or no panel needs weights
    notice: str  # why runs have ended and why changes were refused; may be empty
    metrics: list[Metric]  # of one run; empty for a group
    spoken: str  # a sentence for screen readers; may be empty
    measured_at: float  # seconds since 1970
    table: NotRequired[list[TableRow]]  # of a group: a row for each run


class Row(TypedDict):
    """A row of a panel without a chart."""

    label: str
    value: str
    copy: str  # the text that its button copies; empty for no button


class Body(TypedDict):
    """The changes of a panel since its last body, or the complete panel.

    An array in a trace is a list, or {"dtype", "bdata", "shape"} as Plotly.js reads it, with two additions: the dtype
    "bits", and `from`: the first `from` characters of the last `bdata` stay, and this `bdata` follows them.
    """

    traces: list[dict[str, Any]]  # for each trace, the attributes to replace
    layout: dict[str, Any]  # attributes of the layout by dotted names; null removes one
    text: NotRequired[str]  # a sentence for screen readers
    note: NotRequired[str]  # a line above the chart
    rows: NotRequired[list[Row]]  # of a panel without a chart


class Trouble(TypedDict):
    """The body of a panel that cannot be drawn."""

    trouble: str  # the reason, in a sentence


class Frame(TypedDict):
    """A message from the server to the browser."""

    run: str  # the id of the run or the group
    past: NotRequired[Literal[True]]  # only in a frame of the past
    status: Status | None  # None if it has not changed
    panels: dict[str, Body | Trouble]  # by name


class Request(TypedDict, total=False):
    """A message from the browser to the server."""

    panels: list[str]  # names of the panels in the viewport; only these are sent
    drawn: bool  # whether the last frame has been drawn, so that the next one may be sent
    at: int | None  # the step to look back at; None returns to live
    again: Literal[True]  # data were lost: the next frame must contain complete panels
    order: Order  # to the run or the group; `drawn` of the same message is ignored


def parse_request(text: str) -> Request:
    """Return the valid fields of a message from a browser; `drawn` is always one of them.

    This never raises. A text that is not a JSON object, an unknown field and a value of the wrong type are ignored.
    Two rules prevent a viewer from waiting forever: an `at` that is not a whole number returns to live, and `drawn` is
    true by default, unless the message has `at`, `again` or `order`.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):  # deeply nested brackets raise RecursionError
        body = None
    if not isinstance(body, dict):
        body = {}
    drawn = body.get("drawn")
    request: Request = {}
    if isinstance(panels := body.get("panels"), list):
        request["panels"] = [name for name in panels if isinstance(name, str)]
    if "at" in body:
        request["at"] = None if problem(body["at"], int) else body["at"]
    if body.get("again") is True:
        request["again"] = True
    if not problem(body.get("order"), Order):
        request["order"] = body["order"]
    request["drawn"] = drawn if isinstance(drawn, bool) else request.keys().isdisjoint(("at", "again", "order"))
    return request


def problem(value: object, kind: Any, path: str = "") -> str:
    """Return why `value` is not of a type of this module, "" if it is.

    Args:
        value: from a JSON document. kind: a type as in the annotations above. path: of the value, in the message.
    """
    here = path or "it"
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return ""
    if is_typeddict(kind):
        return _typed_dict_problem(value, kind, path)
    if origin is Literal:
        return "" if value in arguments and type(value) in map(type, arguments) else f"{here} is not one of {arguments}"
    if origin in (UnionType, Union):
        problems = [problem(value, each, path) for each in arguments]
        return "" if "" in problems else " or ".join(problems)
    if origin is list:
        if not isinstance(value, list):
            return f"{here} is not a list"
        return _first(problem(item, arguments[0], f"{path}[{i}]") for i, item in enumerate(value))
    if origin is tuple:  # a list in JSON
        if not isinstance(value, list | tuple) or len(value) != len(arguments):
            return f"{here} is not a list of {len(arguments)}"
        pairs = enumerate(zip(value, arguments, strict=True))
        return _first(problem(item, each, f"{path}[{i}]") for i, (item, each) in pairs)
    if origin is dict:
        if not isinstance(value, dict):
            return f"{here} is not an object"
        return _first(problem(item, arguments[1], f"{path}.{name}") for name, item in value.items())
    if kind is float:
        kind = int | float
    is_kind = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return "" if is_kind else f"{here} is not {'null' if kind is NoneType else kind}"


def fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return the type of each field of a typed dict, and whether the field is required."""
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        found[name] = (get_args(hint)[0] if optional else hint, kind.__total__ and not optional)
    return found


def _typed_dict_problem(value: object, kind: Any, path: str) -> str:
    if not isinstance(value, dict):
        return f"{path or 'it'} is not an object"
    for name, (hint, required) in fields(kind).items():
        where = f"{path}.{name}" if path else name
        if name not in value:
            if required:
                return f"{where} is missing"
        elif found := problem(value[name], hint, where):
            return found
    return ""


def _first(problems: Iterable[str]) -> str:
    return next(filter(None, problems), "")
