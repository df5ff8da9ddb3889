"""The kinds of settings: parsing, formatting and lists. tests/dashboard/test_setting_family.py tests every setting."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, RunConfig
from engine.config import SETTINGS
from engine.settings.kinds import Choice, Number, Probability, Share, Text, percent_of

HIDDEN = SETTINGS["hidden"]


# Hidden layers


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
def test_widths_are_integers_separated_by_commas(text: str, widths: tuple[int, ...]) -> None:
    assert HIDDEN.parse(text) == HIDDEN.parse_typed(text) == widths


@pytest.mark.parametrize(
    ("text", "widths"), [("30; 20", (30, 20)), ("30;20,10", (30, 20, 10)), ("", ()), (" ", ()), ("none", ())]
)
def test_a_typed_text_can_have_semicolons_or_be_empty(text: str, widths: tuple[int, ...]) -> None:
    assert HIDDEN.parse_typed(text) == widths
    if text != "none":
        with pytest.raises(FieldError, match=r"^hidden must be whole numbers"):
            HIDDEN.parse(text)


@pytest.mark.parametrize("text", ["30,", "30;", ";", "thirty", "1_000"])
def test_a_typed_text_with_a_missing_number_is_refused(text: str) -> None:
    with pytest.raises(FieldError, match=r"^hidden must be whole numbers"):
        HIDDEN.parse_typed(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "thirty", "30.5", "3e2", "30,", ",30", "30,,30", "30 30", ",", "²", "0x10", "1_000", "[30]", "30\n,a"],
)
def test_any_other_text_is_refused_with_the_text_and_advice(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        HIDDEN.parse(text)
    assert caught.value.field == "hidden"
    assert repr(text) in caught.value.problem
    assert "write 100 or 30, 30" in caught.value.problem


@pytest.mark.parametrize("text", ["0", "-3", "10001", "99999999999999999999", ", ".join(["5"] * 11)])
def test_widths_outside_the_bounds_are_refused(text: str) -> None:
    with pytest.raises(FieldError, match=r"^hidden must"):
        HIDDEN.parse(text)


def test_a_very_long_number_is_shortened_in_the_error() -> None:
    with pytest.raises(FieldError, match="hidden must be whole numbers") as caught:
        HIDDEN.parse("9" * 5_000)
    assert len(str(caught.value)) < 250


# Lists


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("l2", "0.1, 1, 10", [0.1, 1.0, 10.0]),
        ("l2", " 0.1,,1, ", [0.1, 1.0]),
        ("l2", "", []),
        ("max_norm", "3, none", [3.0, None]),
        ("activation", "tanh,relu", ["tanh", "relu"]),
        ("hidden", "30; 30, 20; none", [(30,), (30, 20), ()]),
        ("hidden", "30; ; 100", [(30,), (), (100,)]),
        ("hidden", "30, 20", [(30, 20)]),
        ("hidden", " ", []),
    ],
)
def test_a_list_is_parsed_into_values(name: str, text: str, values: list[object]) -> None:
    assert SETTINGS[name].parse_list(text) == values


def test_a_list_with_a_bad_value_is_refused() -> None:
    with pytest.raises(FieldError, match=r"^l2 must be a number from 0 to 1e\+06, got 'x'"):
        SETTINGS["l2"].parse_list("0.1, x")


# Shares and probabilities


@pytest.mark.parametrize(
    ("share", "percent"),
    [(0.3, "30"), (0.29, "29"), (0.137, "13.7"), (0.0, "0"), (0.5, "50"), (0.1 + 0.2, "30.000000000000004")],
)
def test_a_share_in_percent_has_exactly_the_digits_of_the_share(share: float, percent: str) -> None:
    assert f"{percent_of(share):f}" == percent
    kind = Share(0, 1, "")
    assert kind.display_text(share) == f"{percent} %"
    assert kind.format(share) == repr(share), "links and files keep the share itself"
    assert kind.parse(kind.format(share)) == share


@pytest.mark.parametrize(
    ("probability", "text"), [(0.0, "0"), (0.25, "¼"), (0.5, "½"), (0.75, "¾"), (0.3, "0.3"), (0.051, "0.051")]
)
def test_quarters_of_a_probability_are_written_as_fractions(probability: float, text: str) -> None:
    kind = Probability(way_out="")
    assert kind.display_text(probability) == text
    assert kind.format(probability) == repr(probability)


def test_a_value_has_a_readable_text() -> None:
    assert SETTINGS["drop_probability"].assignment(0.5) == "dropout ½"
    assert SETTINGS["label_noise"].assignment(0.3) == "label noise 30 %"
    assert SETTINGS["validation_share"].display_text(0.25) == "25 %"
    assert SETTINGS["validation_share"].display_text(None) == "as in the data set"


def test_minus_zero_becomes_zero():
    assert str(Number(0, 1, "use 0").check("x", -0.0)) == "0.0"
    assert str(Probability(way_out="use 0").check("p", -0.0)) == "0.0"


def test_strings_of_numpy_become_plain_strings():
    assert type(Choice(("tanh",)).check("activation", np.str_("tanh"))) is str
    assert type(Text("use a name").check("dataset", np.str_("digits"))) is str


def test_an_array_of_one_width_is_refused_with_advice():
    with pytest.raises(FieldError, match=r"write \[100\] for one layer"):
        RunConfig(hidden=np.array(30))


def test_the_word_for_none_can_have_spaces_around_it():
    assert SETTINGS["max_norm"].kind.parse(" none ") is None


@pytest.mark.parametrize("name", [name for name in SETTINGS if not isinstance(SETTINGS[name].kind, Text)])
def test_a_text_can_have_spaces_around_it(name):
    value = getattr(RunConfig(), name)
    assert SETTINGS[name].kind.parse(f" {SETTINGS[name].kind.format(value)} ") == value
