"""The messages between server and worker."""

from __future__ import annotations

import re

import pytest

from engine.runs import messages
from engine.runs.messages import ORDERS, Verb


def documented_verbs() -> list[str]:
    """The first column of the table in the module's docstring."""
    table = (messages.__doc__ or "").split("effect\n")[1].split("\n\n")[0]
    return [re.split(r"\s+", line.strip())[0] for line in table.splitlines()]


def test_every_verb_is_in_the_table_of_the_module():
    assert sorted(documented_verbs()) == sorted(Verb)


def test_the_first_seven_verbs_are_the_orders():
    assert set(documented_verbs()[:7]) == ORDERS


def test_a_verb_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="halt"):
        Verb("halt")
