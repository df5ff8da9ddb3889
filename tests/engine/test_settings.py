"""The words for an optional setting without a value."""

from __future__ import annotations

import pytest

from engine.config import SETTINGS


@pytest.mark.parametrize("word", ["none", "all", "off", "None", "OFF"])
def test_each_word_for_none_gives_none(word):
    optional = [setting for setting in SETTINGS.values() if setting.kind.none is not None]
    assert optional
    for setting in optional:
        assert setting.kind.parse(word) is None
