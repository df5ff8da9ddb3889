from __future__ import annotations

import pytest

from dashboard.sidebar.controls import parse_hidden
from engine import FieldError, RunConfig


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("100", (100,)),
        ("30, 30", (30, 30)),
        ("30,20,10", (30, 20, 10)),
        (" 30 ; 20 ", (30, 20)),
        ("007", (7,)),
        ("", ()),
        ("   ", ()),
        ("0", (0,)),
    ],
)
def test_hidden_layers_are_whole_numbers_with_commas_between(text, widths):
    assert parse_hidden(text) == widths


@pytest.mark.parametrize(
    "text",
    [
        "thirty",
        "30.5",
        "-3",
        "+3",
        "3e2",
        "30,",
        ",30",
        "30,,30",
        "30 30",
        ",",
        "٣",
        "²",
        "0x10",
        "1_000",
        "[30]",
        "30\n,a",
        "9" * 50 + "x",
    ],
)
def test_what_is_no_whole_number_is_refused_with_the_text_and_the_way_out(text):
    with pytest.raises(FieldError) as refused:
        parse_hidden(text)
    assert refused.value.field == "hidden"
    assert repr(text) in refused.value.problem
    assert "write 100 or 30, 30" in refused.value.problem


@pytest.mark.parametrize("text", ["0", "10001", "99999999999999999999", ", ".join(["5"] * 11)])
def test_numbers_that_no_network_can_have_are_refused_by_the_config(text):
    with pytest.raises(FieldError, match=r"^hidden must"):
        RunConfig(hidden=parse_hidden(text))


def test_a_number_too_long_to_be_one_is_refused_and_not_repeated_whole():
    with pytest.raises(FieldError, match="hidden must be whole numbers") as refused:
        parse_hidden("9" * 5_000)
    assert len(str(refused.value)) < 250
