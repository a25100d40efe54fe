from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.wire.messages.order import ordered, told

NAMES = ("thinking_blocks", "content", "tool_calls")


@given(st.lists(st.sampled_from(NAMES), max_size=8))
def test_what_is_told_of_an_order_brings_it_back(order: list[str]) -> None:
    blocks = [(name, number) for number, name in enumerate(order)]
    fields = {name: [block for block in blocks if block[0] == name] for name in NAMES}
    assert ordered(fields, told(order).get("block_order")) == blocks


@pytest.mark.parametrize("order", [None, "tool_calls", 7, [], [[], 7, "no field"], ["b"] * 9])
def test_no_block_is_lost_and_none_is_there_twice(order: Any) -> None:
    assert sorted(ordered({"a": [1, None, 2], "b": [3, None]}, order)) == [1, 2, 3]
