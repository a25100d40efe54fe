"""The parts of completion that are plain functions: what is remembered, and what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim

CACHE = """
local cache = require("zeke.complete.cache").new(2)
local puts, get = ...
for _, put in ipairs(puts) do
  cache:put(unpack(put))
end
return cache:get(unpack(get)) or "unknown"
"""
LONG = "x" * 2000


@pytest.mark.parametrize(
    ("puts", "get", "found"),
    [
        ([], ["f", "a", "b"], "unknown"),
        ([["f", "a", "b", ["one", "two"]]], ["f", "a", "b"], ["one", "two"]),
        ([["f", "a", "b", []]], ["f", "a", "b"], []),
        ([["f", "a", "b", []]], ["f", "ax", "b"], "unknown"),
        # What was typed since is taken off, and what says something else is left out.
        ([["f", "a", "b", ["one", "two", "once"]]], ["f", "aon", "b"], ["e", "ce"]),
        ([["f", "a", "b", ["one"]]], ["f", "aone", "b"], "unknown"),
        ([["f", "a", "b", ["one"]]], ["f", "ax", "b"], "unknown"),
        ([["f", "a", "b", ["one"]]], ["f", "", "b"], "unknown"),
        # Elsewhere it is another question.
        ([["f", "a", "b", ["one"]]], ["g", "a", "b"], "unknown"),
        ([["f", "a", "b", ["one"]]], ["f", "a", "c"], "unknown"),
        # Only the text nearby counts.
        ([["f", "1" + LONG, LONG + "1", ["one"]]], ["f", "2" + LONG + "o", LONG + "2"], ["ne"]),
        # The oldest goes.
        ([["f", str(n), "", [str(n)]] for n in range(3)], ["f", "0", ""], "unknown"),
        ([["f", str(n), "", [str(n)]] for n in range(3)], ["f", "1", ""], ["1"]),
    ],
)
def test_what_is_remembered(nvim: Nvim, puts: Any, get: Any, found: Any) -> None:
    assert nvim.lua(CACHE, puts, get) == found


WORD = "return require('zeke.complete.accept').word(...)"


@pytest.mark.parametrize(
    ("rest", "word"),
    [
        ("one two", "one"),
        (" größe_1(x)", " größe_1"),
        ("((x", "(("),
        ("\n\n    next one", "\n\n    next"),
        ("日本 語", "日本"),
        ("   ", "   "),
        (" == 1", " =="),
    ],
)
def test_a_word(nvim: Nvim, rest: str, word: str) -> None:
    assert nvim.lua(WORD, rest) == word


AROUND = "return { require('zeke.complete.around').text(...) }"


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 13, 21, 34, 100, 1000])
def test_what_is_sent_is_text_around_the_cursor(nvim: Nvim, most: int) -> None:
    lines = ["größe", "", "日本語", "\tx", "ende 👩 x", ""]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", lines)
    for row, line in enumerate(lines):
        for column in range(len(line) + 1):
            before = "\n".join([*lines[:row], line[:column]])
            after = "\n".join([line[column:], *lines[row + 1 :]])
            nvim.request("nvim_win_set_cursor", 0, [row + 1, len(line[:column].encode())])
            nvim.feed("i" if column < len(line) else "a")
            prefix, suffix = nvim.lua(AROUND, most, most)
            nvim.feed("<Esc>")
            nvim.settle()
            assert before.endswith(prefix)
            assert after.startswith(suffix)
            assert len(prefix.encode()) <= most >= len(suffix.encode())
            if most == 1000:
                assert (prefix, suffix) == (before, after)
