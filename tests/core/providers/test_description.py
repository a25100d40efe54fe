from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.providers.description import listed, traits_of
from zeke_bridge.core.routing.traits import Traits


@pytest.mark.parametrize(
    ("row", "traits"),
    [
        ({}, Traits()),
        ({"context_length": "long", "pricing": {"prompt": "free"}}, Traits()),
        ({"context_length": -1, "architecture": 3, "capabilities": []}, Traits()),
        ({"meta": {"n_ctx": 4096}}, Traits(context=4096)),
        ({"meta": {"n_params": 630_167_424}}, Traits(small=True)),
        ({"meta": {"n_params": 32_000_000_000}}, Traits(small=False)),
        ({"meta": {"n_params": "many"}}, Traits()),
        ({"mode": "chat", "max_input_tokens": 128_000}, Traits(context=128_000)),
        ({"pricing": {"prompt": "0", "completion": "0"}}, Traits(input_price=0, output_price=0)),
        ({"pricing": {"prompt": "nan", "completion": "-1"}}, Traits()),
        (
            {"capabilities": {"limits": {"max_prompt_tokens": 9}, "supports": {"vision": False}}},
            Traits(context=9, images=False),
        ),
    ],
)
def test_what_a_row_says(row: dict[str, Any], traits: Traits) -> None:
    assert traits_of(row) == traits


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": {}}])
def test_no_list(body: object) -> None:
    assert listed(body) is None


def test_rows_without_an_id_are_left_out() -> None:
    body = {"data": [{"id": "a"}, {"id": ""}, {"id": 3}, "b", None]}
    assert listed(body) == {"a": Traits()}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["context_length", "meta", "capabilities", "architecture", "pricing", "supported_parameters"]
)


@given(st.dictionaries(FIELDS, JSON))
def test_any_row_can_be_read(row: dict[str, Any]) -> None:
    assert isinstance(traits_of(row), Traits)
