"""Edits of files whose names or bytes are out of the ordinary: what is written is exactly that."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.person import accept, answer, done, propose
from tests.fakes.house import House

MARK = b"# changed by the fake"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.mark.parametrize(
    "name",
    ["two words.py", "it's.py", "100%.py", "a#b.py", "ünï—✓.py", "$HOME.py", "[x].py", "-a.py"],
)
def test_any_name(editor: Opener, house: House, name: str) -> None:
    path = house.project / name
    path.write_bytes(b"one = 1\ntwo = 2\n")
    nvim = editor()
    nvim.edit(path)
    propose(nvim, "2ZekeEdit change it")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_bytes() == b"one = 1\n" + MARK + b"\ntwo = 2\n"
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == ["one = 1", "two = 2"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\r\ntwo\r\n", MARK + b"\r\none\r\ntwo\r\n"),
        (b"one\ntwo", MARK + b"\none\ntwo"),
        (b"\xef\xbb\xbfone\n", b"\xef\xbb\xbf" + MARK + b"\none\n"),
        (b"\tone\n\n\n", MARK + b"\n\tone\n\n\n"),
        ("ünï ✓\n".encode(), MARK + "\nünï ✓\n".encode()),
        (b"x = '" + b"y" * 5000 + b"'\n", MARK + b"\nx = '" + b"y" * 5000 + b"'\n"),
    ],
    ids=["crlf", "no final newline", "bom", "blank end", "unicode", "long line"],
)
def test_any_text(editor: Opener, house: House, before: bytes, after: bytes) -> None:
    path = house.project / "odd.py"
    path.write_bytes(before)
    nvim = editor()
    nvim.edit(path)
    propose(nvim, "%ZekeEdit change it")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_bytes() == after
    # What Neovim writes next is the same, without a question about a changed file.
    nvim.command("set nofixendofline")
    nvim.feed("u:silent write<CR>")
    nvim.settle()
    assert path.read_bytes() == before
