from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.wire.sse import Event, Parser, comment, encode

NAMES = st.sampled_from(["message", "delta", "done"])
# A lone CR and CRLF come back as LF: the format has no other line end inside data.
DATA = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40)
EVENTS = st.lists(st.builds(Event, DATA, NAMES), max_size=6)


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(raw) + 1) for place in places), len(raw)]
    return [raw[a:b] for a, b in itertools.pairwise(edges)]


def read(pieces: list[bytes]) -> list[Event]:
    parser = Parser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    parser.close()
    return events


@given(EVENTS, st.lists(st.integers(0, 10_000), max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_was_encoded_comes_back_however_it_is_cut(
    events: list[Event], places: list[int], line_end: str
) -> None:
    text = b"".join(comment("ping") + encode(event.data, event.name) for event in events)
    raw = text.replace(b"\n", line_end.encode())
    assert read(cut(raw, places)) == events


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10))
def test_any_bytes_mean_the_same_however_they_are_cut(raw: bytes, places: list[int]) -> None:
    def outcome(pieces: list[bytes]) -> object:
        try:
            return read(pieces)
        except BadAnswerError as error:
            return error.message

    assert outcome(cut(raw, places)) == outcome([raw])


@pytest.mark.parametrize(
    ("raw", "events"),
    [
        (b"data: a\n\n", [Event("a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event("a")]),
        (b"data:a\ndata\ndata: b\n\n", [Event("a\n\nb")]),
        (b"event: done\ndata: {}\n\ndata: 2\n\n", [Event("{}", "done"), Event("2")]),
        (b": ping\n\nid: 7\nretry: 3\ndata: x\n\n", [Event("x")]),
        (b"event: empty\n\n", []),
        (b"data: a\r\n\r\ndata: b\r\r", [Event("a"), Event("b")]),
        (b"data:  two spaces\n\n", [Event(" two spaces")]),
    ],
)
def test_the_format(raw: bytes, events: list[Event]) -> None:
    assert read([raw]) == events
    assert read([bytes([byte]) for byte in raw]) == events


@pytest.mark.parametrize("raw", [b"data: a", b"data: a\n", b"da"])
def test_an_end_inside_an_event_is_an_error(raw: bytes) -> None:
    with pytest.raises(BadAnswerError):
        read([raw])


def test_bytes_that_are_not_utf8_are_an_error() -> None:
    with pytest.raises(BadAnswerError):
        read([b"data: \xff\xfe\n\n"])


@pytest.mark.parametrize("raw", [b"data: " + b"x" * 200, b"data: 12345\n" * 20, b"x" * 200])
def test_an_event_without_end_is_an_error(raw: bytes) -> None:
    parser = Parser(max_event=100)
    with pytest.raises(BadAnswerError):
        list(map(parser.feed, (bytes([byte]) for byte in raw)))
