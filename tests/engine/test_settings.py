"""The words of a setting that may be left out."""

from __future__ import annotations

import pytest

from engine.config import SETTINGS


@pytest.mark.parametrize("word", ["none", "all", "off", "None", "OFF"])
def test_each_word_for_none_leaves_an_optional_value_out(word):
    optional = [setting for setting in SETTINGS.values() if setting.kind.none is not None]
    assert optional
    for setting in optional:
        assert setting.kind.parse(word) is None
