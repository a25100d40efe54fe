"""What a message seems to be that cannot be read: nothing that it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.guess import Guess, guess
from zeke_bridge.agents.lines import EDGE, Edges

NAMES = st.sampled_from(["id", "method", "result", "error", "a"])
PARTS = st.recursive(
    st.none() | st.integers() | st.text(alphabet='"\\,:{}id1', max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
IDS = st.integers(-(2**63), 2**63 - 1) | st.text(max_size=9)
LONG = "x" * 3 * EDGE


def seems(value: Any) -> Guess:
    return guess(Edges.of(json.dumps(value).encode()))


@given(st.permutations(["id", "method", "params"]), IDS, PARTS)
def test_of_a_whole_object_it_is_right(order: list[str], number: Any, inner: Any) -> None:
    known = {"id": number, "method": "fs/x", "params": inner}
    assert seems({name: known[name] for name in order}) == Guess(number, request=True)


@given(st.booleans(), st.integers() | st.text(alphabet="abc", max_size=9), PARTS)
def test_of_a_long_one_either_end_will_do(first: bool, number: Any, inner: Any) -> None:
    of_id = {"id": number}
    rest = {"result": [inner, LONG, inner]}
    found = seems({**of_id, **rest} if first else {**rest, **of_id})
    assert found.id in (number, None)
    assert found.id == number or not -(2**63) <= number < 2**63
    assert not found.request


@given(PARTS)
def test_an_id_inside_is_none(inner: Any) -> None:
    for rest in ([inner, LONG, inner], inner):
        assert seems({"result": rest}) == Guess(answer=True)
        assert seems([rest]) == Guess()


@given(st.binary(max_size=60))
def test_any_bytes_will_do(data: bytes) -> None:
    guess(Edges.of(b'{"id":' + data))


@pytest.mark.parametrize(
    "line",
    [
        '{"id":1,"id":2}',
        '{"id":12',
        '{"id":1.5}',
        '{"id":true}',
        '{"id":{}}',
        '{"id":[1]}',
        '{"id":9223372036854775808}',
        '{"id":"\\ud800"}',
        f'{{"id":"{"x" * 300}"}}',
        '[{"id":1}]',
        '"id":1}',
    ],
)
def test_an_id_that_is_not_sure_is_none(line: str) -> None:
    assert guess(Edges.of(line.encode())).id is None


@pytest.mark.parametrize("piece", ['"', '\\"', '":', "[", '"a":1,', ',1:"a"'])
def test_what_has_no_end_is_looked_at_once(piece: str) -> None:
    for end in ("", "}"):
        line = ('{"a":"' + piece * EDGE + end).encode()
        for _ in range(20):
            assert guess(Edges.of(line)).id is None
