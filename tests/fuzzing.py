"""Damages valid inputs, the same way for the same seed."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.slowing import PATIENCE

SECONDS_PER_CASE = 20  # a case takes milliseconds; one that takes this long hangs

# Values that no setting expects, or that are at the end of what it accepts.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**6, 2**31, 2**63, -(2**63), 10**30, 10**400),
    *(0.5, 1.0, -0.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan"), 0.1 + 0.2),
    *("", " ", "all", "none", "0", "-1", "1e999", "nan", "1_000", "٣", "\0", "\ud800", "🙂", "x" * 5_000, "9" * 5_000),
    *("own:", "own:0123456789abcdef", "../../etc/passwd", "mnist", "true", "full", "30,30", "30;30", "__class__"),
    *([], [1], [[]], [10**9], [1] * 1_000, {}, {"": None}, {"a": {"b": []}}),
)

# Texts with a meaning in JSON, TOML, links, or the formats of files.
TOKENS: tuple[bytes, ...] = (
    *(b"", b",", b";", b":", b'"', b"\\", b"\n", b"\r\n", b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"%", b"%00", b"&"),
    *(b"=", b"[", b"]", b"{", b"}", b"[" * 2_000, b"null", b"true", b"NaN", b"Infinity", b"-", b"1e999", b"9" * 5_000),
    *(b"\\u0000", b"\\ud800", "🙂".encode(), b"'", b"#", b"__import__('os')", b"PK\1\2", b"PK\5\6", b"\x93NUMPY"),
    *(
        b"'descr'",
        b"'shape'",
        b"(-1,)",
        b"(99999999, 9)",
        b"|O",
        b"<f8",
        b"\x1f\x8b\x08",
        b"\xff\xff\xff\xff",
        b"\0" * 8,
    ),
)


class Hang(BaseException):
    """A case that does not end; not an `Exception`, which the code under test may catch."""


@contextmanager
def no_hang() -> Iterator[None]:
    """Raise `Hang` if the body takes `SECONDS_PER_CASE`, where the system has timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def interrupt(*_: object) -> None:
        raise Hang(f"not ended after {SECONDS_PER_CASE * PATIENCE} s")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_CASE * PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def damaged_bytes(chance: random.Random, content: bytes, tokens: Sequence[bytes] = TOKENS) -> bytes:
    """Return bytes with one to four changes; half of them are near the beginning, where headers are."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, min(len(changed), 200) if chance.random() < 0.5 else len(changed))
        end = min(len(changed), at + chance.randint(0, 40))
        match chance.randrange(7):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at:at] = chance.choice(tokens)
            case 2:
                token = chance.choice(tokens)
                changed[at : at + len(token)] = token
            case 3:
                changed[at:end] = chance.randbytes(chance.randint(0, 20))
            case 4:
                del changed[at:end]
            case 5:
                changed[at:at] = changed[at:end] * chance.randint(1, 50)
            case _:
                del changed[at:]
    return bytes(changed)


def damaged_value(chance: random.Random, value: Any) -> Any:
    """Return a JSON value with one change somewhere: another value, a missing or a repeated part."""
    value = json.loads(json.dumps(value))
    place, key = None, None
    inner = value
    while isinstance(inner, dict | list) and inner and (place is None or chance.random() < 0.8):
        place, key = inner, chance.choice(list(inner) if isinstance(inner, dict) else list(range(len(inner))))
        inner = inner[key]
    if place is None:
        return chance.choice(VALUES)
    match chance.randrange(5):
        case 0 if isinstance(place, dict):
            del place[key]
        case 1 if isinstance(place, list):
            place.append(inner)
        case 2:
            place[key] = [inner]
        case 3 if isinstance(inner, int | float) and not isinstance(inner, bool):
            place[key] = chance.choice([-inner, inner + 1, inner * 2**40, 0, inner // 3])
        case _:
            place[key] = chance.choice(VALUES)
    return value
