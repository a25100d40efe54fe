"""Lines to messages: whatever two readers could read in two ways is no message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.acp.wire import Unread, decode, message

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(message(data), dict)
    except Unread as unread:
        assert unread.error["code"] in (-32700, -32600)


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1,"a":1}',
        '{"x":[{"b":1,"b":2}]}',
        "NaN",
        "-Infinity",
        "1e400",
        "9223372036854775808",
        '"\\udc00"',
        '{"\\ud800":1}',
        "[" * 66 + "]" * 66,
        "",
        "{} {}",
        "\ufeff{}",
        "'a'",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(line: str) -> None:
    with pytest.raises(Unread):
        decode(line.encode())


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert decode(b'"\\ud83d\\ude00"') == "😀"


def test_many_values_are_refused_and_many_characters_are_not() -> None:
    with pytest.raises(Unread, match="too many values"):
        decode(b"[" + b"0," * 300_000 + b"0]")
    text = "a,[{" * 300_000
    assert decode(json.dumps([text, '"']).encode()) == [text, '"']


@pytest.mark.parametrize(
    "line",
    [
        '{"jsonrpc":"2.0","method":"a"}',
        '{"jsonrpc":"2.0","id":1,"method":"a","params":{}}',
        '{"jsonrpc":"2.0","id":"1","result":null}',
        '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","data":[]}}',
        '{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}',
    ],
)
def test_messages_of_json_rpc_are_messages(line: str) -> None:
    assert message(line.encode()) == json.loads(line)


@pytest.mark.parametrize(
    ("line", "request_id"),
    [
        ('{"jsonrpc":"2.0","id":5,"method":""}', 5),
        ('{"jsonrpc":"2.0","id":5,"method":"a","extra":1}', 5),
        ('{"jsonrpc":"2.0","id":true,"method":"a"}', None),
        ('{"jsonrpc":"2.0","id":1.5,"method":"a"}', None),
        ('{"jsonrpc":"2.0","id":null,"method":"a"}', None),
        ('{"jsonrpc":"2.0","id":null,"result":1}', None),
        ('{"jsonrpc":"2.0","id":5}', 5),
        ('{"jsonrpc":"2.0","id":5,"error":{"code":true,"message":""}}', 5),
        ('{"jsonrpc":"2.0","id":5,"error":"no"}', 5),
        ('{"jsonrpc":"2.0","result":1}', None),
        ('{"jsonrpc":2.0,"id":5,"method":"a"}', 5),
    ],
)
def test_what_is_not_json_rpc_is_refused(line: str, request_id: int | None) -> None:
    with pytest.raises(Unread) as caught:
        message(line.encode())
    assert caught.value.id == request_id
