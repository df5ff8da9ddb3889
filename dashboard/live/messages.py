"""Every message on the live socket, in both directions.

A message is one JSON object in one WebSocket text message. Unknown fields are allowed and ignored.

From the server to the browser there is one kind of message, a `Frame`. It contains what changed: the run's status,
and the bodies of some panels. A frame of the present goes to a viewer that watches live; a frame of the past
(`past: true`) goes to one that looks back at a step. One frame is out at a time: the next is sent after the browser
has answered that the last one is drawn.

From the browser to the server there is one kind of message too, a `Request`. It has the fields that are needed:
`panels` and `drawn` after each frame, `at` to look back, `again` after data were lost, `order` for the run.

The JavaScript counterpart is assets/socket/messages.js: it checks frames and builds requests.
tests/dashboard/live/test_messages.py and tests/browser/test_messages.py check both sides against the types below.
"""

import json
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

# Annotations are not postponed in this module: `problem` reads them.

Order = Literal["toggle", "step", "step_epoch"]
Metric = tuple[str, str, str]  # label, value, tone: a meaning that has a colour, or empty


class TableRow(TypedDict):
    """The row of one run in the table of a group."""

    state: str
    cells: list[str]  # the first one is the run's name


class Status(TypedDict):
    """What stands beside the panels."""

    state: str  # of the run or the group, as in engine.runs.states
    page: str  # what the Streamlit page is built from: if it changes, the browser requests a script run
    step: int  # the step that the frame shows
    last: int  # the newest step of the run: where the timeline ends
    keyframe: int | None  # the step whose weights are shown; None if it is `step`, or nothing needs weights
    reason: str | None  # why the run has ended
    refused: str | None  # why a change was refused
    figures: list[Metric]  # of one run; empty for a group
    spoken: str  # the run in a sentence for screen readers; may be empty
    at: float  # when it was measured, in seconds since 1970
    notice: NotRequired[str]  # of a group: why runs have ended badly
    table: NotRequired[list[TableRow]]  # of a group: a row for each run


class Row(TypedDict):
    """A row of a panel without a chart."""

    label: str
    value: str
    copy: str  # what its button copies; empty for no button


class Body(TypedDict):
    """What changed in a panel since the last body, or all of it.

    An array in a trace is a list, or {"dtype", "bdata", "shape"} as Plotly.js reads it, with two additions: the dtype
    "bits", and `from`: the array continues the last one after that many characters of its `bdata`.
    """

    traces: list[dict[str, Any]]  # for each trace, the attributes to replace
    layout: dict[str, Any]  # attributes of the layout by their dotted names; null removes one
    text: NotRequired[str]  # the panel in a sentence for screen readers
    note: NotRequired[str]  # a line above the chart
    rows: NotRequired[list[Row]]  # of a panel without a chart


class Trouble(TypedDict):
    """The body of a panel that cannot be drawn."""

    trouble: str  # why, in words


class Frame(TypedDict):
    """A message from the server to the browser."""

    run: str  # the id of the run or the group
    past: NotRequired[Literal[True]]  # only in a frame of the past
    status: Status | None  # None if it has not changed
    panels: dict[str, Body | Trouble]  # by the panel's name


class Request(TypedDict, total=False):
    """A message from the browser to the server."""

    panels: list[str]  # the names of the panels in the viewport: only these are sent
    drawn: bool  # whether the last frame has been drawn, so that the next may be sent
    at: int | None  # the step to look back at; None returns to live
    again: Literal[True]  # data were lost: the next frame must contain every panel whole
    order: Order  # to the run; the other fields of its message, but `panels`, `at` and `again`, are ignored


def parse_request(text: str) -> Request:
    """Return the fields of a browser's message that can be used; `drawn` is always one of them.

    Whatever a browser sends, this does not raise: a text that is not a JSON object, an unknown field and a value of
    the wrong type are ignored. Two rules keep a viewer from waiting for ever: an `at` that is not a whole number
    returns to live, and `drawn` is true by default, unless the message has `at`, `again` or `order`.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):  # deeply nested brackets raise RecursionError
        body = None
    if not isinstance(body, dict):
        body = {}
    drawn = body.get("drawn")
    request: Request = {"drawn": drawn if isinstance(drawn, bool) else body.keys().isdisjoint(("at", "again", "order"))}
    if isinstance(panels := body.get("panels"), list):
        request["panels"] = [name for name in panels if isinstance(name, str)]
    if "at" in body:
        request["at"] = None if problem(body["at"], int) else body["at"]
    if "again" in body:
        request["again"] = True
    if not problem(body.get("order"), Order):
        request["order"] = body["order"]
    return request


def problem(value: object, kind: Any, path: str = "") -> str:
    """Return what keeps `value` from being of a type of this module, "" if nothing does.

    Args:
        value: of a JSON document. kind: a type as in the annotations above. path: where the value stands.
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
    if origin is tuple:  # JSON has lists alone
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
    """Return the type of each field of a message's type, and whether the field is required."""
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
