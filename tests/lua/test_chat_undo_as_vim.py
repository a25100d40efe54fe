"""Undo while an answer comes, held against a Neovim in whose buffer nobody else writes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.nvim import Nvim

BEGIN = """
local chat = require("zeke.chat.session").new()
vim.api.nvim_win_set_buf(0, chat.buffer)
vim.api.nvim_buf_set_lines(0, 2, 3, false, { "question" })
vim.api.nvim_win_set_cursor(0, { 3, 0 })
chat.coming = require("zeke.chat.coming").new(chat)
_G.coming = chat.coming
"""
DELTA = """
_G.coming.stream:append(...)
_G.coming.stream:flush()
"""
PLAIN = """
vim.cmd.enew()
vim.bo.buftype, vim.bo.bufhidden, vim.bo.filetype = "nofile", "wipe", "markdown"
vim.bo.undolevels = -1
vim.api.nvim_buf_set_lines(0, 0, -1, false, { "## You", "", "" })
vim.bo.undolevels = vim.go.undolevels
vim.api.nvim_buf_set_lines(0, 2, 3, false, { "question" })
vim.bo.undolevels = vim.bo.undolevels
local room = { "", "## Zeke", "", "It begins", "", "## You", "", "" }
vim.api.nvim_buf_set_lines(0, -1, -1, false, room)
vim.api.nvim_win_set_cursor(0, { 11, 0 })
"""
BEGINNING = "It begins"

Act = str | tuple[str, str, str, str]

words = st.sampled_from(
    ["a", "b c", "x<CR>y", "<CR>", "öß", "one<Left>two", "w<BS>v", "t<CR><BS>u"]
)
texts = st.sampled_from([" and", "\nmore", "\n\n", "\nrow\nrow", "ö"])
typing = st.tuples(st.sampled_from(["G0A", "G0o", "G0I", "GO", "3G0A", "ggO"]), words, texts, words)
undoing = st.sampled_from(["u", "2u", "3u", "<C-r>", "2<C-r>", ":undo<CR>"])
changing = st.sampled_from(["G0iz<Esc>x", "Gyyp", "G0izz<Esc>D", "3Goq<Esc>"])
acts = st.lists(st.one_of(typing, undoing, changing), max_size=12)


def parts(nvim: Nvim) -> tuple[list[str], str, list[str]] | None:
    """What stands above the answer, the answer, and the input; nothing when it is undone."""
    lines = nvim.lines()
    if "## Zeke" not in lines:
        return None
    first = lines.index("## Zeke")
    last = len(lines) - lines[::-1].index("## You")
    return lines[:first], "\n".join(lines[first + 2 : last - 2]), lines[last:]


class Both:
    """The chat, and the buffer that it is held against."""

    def __init__(self, chat: Nvim, plain: Nvim) -> None:
        chat.lua(BEGIN)
        plain.lua(PLAIN)
        self.chat, self.plain = chat, plain
        self.answer = ""
        self.comes(BEGINNING)

    def comes(self, text: str) -> None:
        """Let more of the answer come."""
        self.chat.lua(DELTA, text)
        self.answer += text

    def feed(self, keys: str) -> None:
        """Type in both."""
        for editor in (self.chat, self.plain):
            editor.feed(keys)
        for editor in (self.chat, self.plain):
            editor.settle()

    def act(self, act: Act) -> None:
        """Do what a person does, with the answer on its way."""
        while parts(self.plain) is None:
            self.feed("<C-r>")
        if isinstance(act, str):
            self.feed(act)
        else:
            start, words, text, rest = act
            self.feed(start + words)
            self.comes(text)
            self.feed(f"{rest}<Esc>")

    def are_same(self, whole: bool) -> None:
        """The person's parts are the same, and the answer is the beginning of what came, or all."""
        wanted, found = parts(self.plain), parts(self.chat)
        if wanted is None or found is None:
            assert wanted == found
        else:
            assert (wanted[0], wanted[2]) == (found[0], found[2])
            assert found[1] == self.answer if whole else self.answer.startswith(found[1])


def test_it_is_as_if_nobody_else_wrote_there(nvim: Nvim, open_nvim: Callable[..., Nvim]) -> None:
    plain = open_nvim()

    @settings(
        max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(acts)
    def holds(acts: list[Act]) -> None:
        both = Both(nvim, plain)
        for act in acts:
            both.act(act)
            both.are_same(whole=False)
            both.comes(" on")
            both.are_same(whole=True)
        assert nvim.lua("return vim.v.errmsg") == ""

    holds()
