"""Bytes to lines and back, as Neovim has them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.broker.review.base import NOTHING, of_buffer, of_content
from zeke_bridge.model.errors import InputError, PatchError
from zeke_bridge.model.task import Buffer

TEXT = st.text(st.sampled_from("a\n\r é"), max_size=12)


@pytest.mark.parametrize(
    ("content", "lines", "eol", "final_eol", "bom"),
    [
        (b"a\nb\n", ("a", "b"), "\n", True, False),
        (b"a\nb", ("a", "b"), "\n", False, False),
        (b"a\r\nb\r\n", ("a", "b"), "\r\n", True, False),
        (b"a\r\nb", ("a", "b"), "\r\n", False, False),
        (b"a\r\nb\n", ("a\r", "b"), "\n", True, False),
        (b"\xef\xbb\xbfa\n", ("a",), "\n", True, True),
        (b"", ("",), "\n", True, False),
    ],
)
def test_a_file_is_read_as_neovim_reads_it(
    content: bytes, lines: tuple[str, ...], eol: str, final_eol: bool, bom: bool
) -> None:
    base = of_content(content)
    assert (base.lines, base.eol, base.final_eol, base.bom) == (lines, eol, final_eol, bom)
    assert base.digest == hashlib.sha256(content).hexdigest()
    assert base.changedtick is None
    assert base.exists


@given(TEXT)
def test_what_is_read_is_written_back(text: str) -> None:
    content = text.encode()
    base = of_content(content)
    # One blank line is an empty file to Neovim.
    if base.lines != ("",):
        assert base.encode(base.lines) == content


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b"])
def test_what_is_no_text_is_not_changed(content: bytes) -> None:
    with pytest.raises(InputError, match="no UTF-8 text"):
        of_content(content)


def test_the_digest_is_of_what_a_save_would_write() -> None:
    saved = of_buffer(Buffer("a\nb", "/p/a.py", changedtick=3))
    assert (saved.changedtick, saved.digest) == (3, hashlib.sha256(b"a\nb\n").hexdigest())
    unsaved = of_buffer(Buffer("a\nb", "/p/a.py", modified=True))
    assert (unsaved.modified, unsaved.digest) == (True, saved.digest)


def test_nothing_is_no_file() -> None:
    assert not NOTHING.exists
    assert NOTHING.text == NOTHING.digest == ""
    assert NOTHING.encode(["a"]) == b"a\n"
    assert of_buffer(Buffer("")).exists


def test_text_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(PatchError):
        of_buffer(Buffer("\udcff", "/p/a"))
