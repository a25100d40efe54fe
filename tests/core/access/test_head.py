from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.access.head import Head


def head(*headers: tuple[bytes, bytes]) -> Head:
    found = Head.read(headers)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ([], ""),
        ([(b"authorization", b"Bearer gk-1")], "gk-1"),
        ([(b"authorization", b"bearer   gk-1  ")], "gk-1"),
        ([(b"authorization", b"Bearer")], ""),
        ([(b"authorization", b"Basic Z2s=")], ""),
        ([(b"x-api-key", b"gk-1")], "gk-1"),
        ([(b"api-key", b"gk-1")], "gk-1"),
        ([(b"authorization", b"Basic Z2s="), (b"x-api-key", b"gk-1")], "gk-1"),
        ([(b"x-api-key", b"gk-1"), (b"api-key", b"gk-2")], "gk-1"),
        ([(b"authorization", b"Bearer gk-1"), (b"x-api-key", b"gk-2")], "gk-1"),
        ([(b"authorization", b"Bearer gk-1"), (b"authorization", b"Bearer gk-2")], ""),
        ([(b"x-api-key", b"gk-1"), (b"x-api-key", b"gk-2")], ""),
    ],
)
def test_where_a_key_may_stand(headers: list[tuple[bytes, bytes]], secret: str) -> None:
    assert head(*headers).secret() == secret


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ([], None),
        ([b"0"], 0),
        ([b"17"], 17),
        ([b"-1"], -1),
        ([b"+1"], -1),
        ([b"1_0"], -1),
        ([b" 1"], -1),
        ([b""], -1),
        ([b"1, 1"], -1),
        ([b"\xb2"], -1),
        ([b"9" * 5000], -1),
        ([b"1", b"1"], -1),
    ],
)
def test_the_length_is_one_plain_number_or_nonsense(
    values: list[bytes], length: int | None
) -> None:
    assert head(*[(b"content-length", value) for value in values]).length() == length


def test_too_many_or_too_long_headers_are_no_head() -> None:
    assert Head.read([(b"x", b"1")] * 100) is not None
    assert Head.read([(b"x", b"1")] * 101) is None
    assert Head.read([(b"x", b"1" * 32767)]) is not None
    assert Head.read([(b"x", b"1" * 32768)]) is None
    assert Head.read((b"x" * 16384, b"") for _ in range(3)) is None


NAMES = st.sampled_from([b"host", b"origin", b"authorization", b"x-api-key", b"content-length"])
HEADERS = st.lists(st.tuples(NAMES | st.binary(max_size=20), st.binary(max_size=60)), max_size=30)


@given(HEADERS)
def test_it_never_raises(headers: list[tuple[bytes, bytes]]) -> None:
    found = head(*headers)
    found.length()
    found.chunked()
    assert found.secret() == found.secret().strip() or found.secret()
