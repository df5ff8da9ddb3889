"""Hidden layers as text: one parser for links, forms, tables and the command line."""

from __future__ import annotations

import pytest

from engine import FieldError
from engine.config import SETTINGS

HIDDEN = SETTINGS["hidden"]


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("100", (100,)),
        ("30, 30", (30, 30)),
        ("30,20,10", (30, 20, 10)),
        (" 30 , 20 ", (30, 20)),
        ("007", (7,)),
        ("none", ()),
        (" None ", ()),
    ],
)
def test_widths_are_whole_numbers_with_commas_between(text: str, widths: tuple[int, ...]) -> None:
    assert HIDDEN.parse(text) == widths


@pytest.mark.parametrize(
    "text",
    ["", " ", "thirty", "30.5", "3e2", "30,", ",30", "30,,30", "30 30", ",", "²", "0x10", "1_000", "[30]", "30\n,a"],
)
def test_any_other_text_is_refused_with_the_text_and_the_way_out(text: str) -> None:
    with pytest.raises(FieldError) as refused:
        HIDDEN.parse(text)
    assert refused.value.field == "hidden"
    assert repr(text) in refused.value.problem
    assert "write 100 or 30, 30" in refused.value.problem


@pytest.mark.parametrize("text", ["0", "-3", "10001", "99999999999999999999", ", ".join(["5"] * 11)])
def test_numbers_that_no_network_can_have_are_refused(text: str) -> None:
    with pytest.raises(FieldError, match=r"^hidden must"):
        HIDDEN.parse(text)


def test_a_number_too_long_to_read_is_not_repeated_whole() -> None:
    with pytest.raises(FieldError, match="hidden must be whole numbers") as refused:
        HIDDEN.parse("9" * 5_000)
    assert len(str(refused.value)) < 250
