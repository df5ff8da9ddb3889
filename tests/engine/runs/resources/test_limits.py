"""What is refused, and what is only reported."""

from __future__ import annotations

import pytest

from engine import FieldError, RunConfig
from engine.runs.resources.limits import check_memory, memory_warning

CONFIG = RunConfig(hidden=(2_000, 2_000))
GB = 1_000_000_000


def test_up_to_half_of_the_free_memory_is_allowed():
    check_memory([(CONFIG, 2 * GB)], 0, 4 * GB)
    check_memory([(CONFIG, GB), (CONFIG, GB)], 0, 4 * GB)
    check_memory([(CONFIG, GB)], GB, 4 * GB)


@pytest.mark.parametrize(
    ("sizes", "reserved", "told"),
    [
        ([2.2], 0, "which needs about 2.2 GB: use fewer or narrower hidden layers"),
        ([1.1, 1.1], 0, " in 2 runs, which need about 2.2 GB together: use"),
        ([1.1], 1.1, "which needs about 1.1 GB beside 1.1 GB for the runs that are open"),
    ],
)
def test_more_is_refused_with_field_value_and_way_out(sizes, reserved, told):
    with pytest.raises(FieldError) as caught:
        check_memory([(CONFIG, round(size * GB)) for size in sizes], round(reserved * GB), 4 * GB)
    assert caught.value.field == "hidden"
    message = str(caught.value)
    assert message.startswith("hidden must need at most half of the free memory, 2.0 GB of 4.0 GB, got 2000, 2000")
    assert told in message
    assert "close other runs and programs" in message


@pytest.mark.parametrize(("field", "value"), [("mini_batch_size", "10"), ("train_size", "all")])
def test_the_field_that_needs_most_is_named(field, value):
    with pytest.raises(FieldError, match=rf"^{field} .*got {value}, which"):
        check_memory([(CONFIG, 3 * GB)], 0, 4 * GB, field)


def test_a_warning_is_given_above_a_quarter():
    assert memory_warning(CONFIG, GB, 4 * GB) is None
    assert memory_warning(CONFIG, 2 * GB, 4 * GB).startswith(
        "hidden of 2000, 2000 needs about 2.0 GB of the 4.0 GB of free memory"
    )
