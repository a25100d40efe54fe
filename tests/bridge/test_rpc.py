"""The codec against msgpack itself and against arbitrary bytes."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.bridge.rpc import (
    Decoder,
    Message,
    Notification,
    ProtocolError,
    Request,
    Response,
    encode,
)

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
numbers = st.integers(0, 2**32 - 1)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Request, numbers, st.text(), st.lists(values, max_size=3)),
    st.builds(Response, numbers, values, values),
    st.builds(Notification, st.text(), st.lists(values, max_size=3)),
)


@given(st.lists(messages, max_size=5), st.integers(1, 7))
def test_what_is_sent_arrives_however_it_is_cut(sent: list[Message], size: int) -> None:
    data = b"".join(encode(message) for message in sent)
    decoder = Decoder()
    got: list[Message] = []
    for at in range(0, len(data), size):
        got.extend(decoder.feed(data[at : at + size]))
    assert got == sent


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_a_protocol_error(data: bytes) -> None:
    decoder = Decoder()
    try:
        for message in decoder.feed(data):
            assert isinstance(message, Request | Response | Notification)
    except ProtocolError as error:
        assert error.message.endswith(".")


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [2, "method"],
        [3, "method", []],
        [0, "one", "method", []],
        [2, "method", {}],
        {"a": 1},
        "text",
        5,
    ],
)
def test_other_shapes_are_refused(parts: Any) -> None:
    with pytest.raises(ProtocolError):
        list(Decoder().feed(msgpack.packb(parts)))


def test_text_that_is_not_utf8_is_kept_visible() -> None:
    (message,) = Decoder().feed(msgpack.packb([2, "m", [b"\xff".decode("latin-1")]]))
    assert message == Notification("m", ["ÿ"])
    raw = b"\x93\x02\xa1m\x91\xa1\xff"
    (message,) = Decoder().feed(raw)
    assert message == Notification("m", ["\udcff"])


def test_an_endless_message_is_refused() -> None:
    decoder = Decoder()
    with pytest.raises(ProtocolError, match="refused"):
        for _ in range(40):
            list(decoder.feed(b"\xdb\xff\xff\xff\xff" + b"x" * (1024 * 1024)))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ProtocolError):
        list(Decoder().feed(b"\x91" * 100_000))
