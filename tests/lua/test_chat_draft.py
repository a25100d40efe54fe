"""What is written in a chat is kept before anything of it was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, body, chats, head, saved

Another = Callable[[], Nvim]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def another(
    tmp_path: Path, broker: FakeBroker, sample: Path, open_nvim: Callable[..., Nvim]
) -> Another:
    """A Neovim of the same person, in the same project, that takes the first chat it finds."""

    def start() -> Nvim:
        choose = "vim.ui.select = function(items, _, done) done(items[1]) end"
        init = f"vim.g.zeke_python = [[{broker.python()}]] {choose}"
        env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
        return open_nvim(str(sample), env=env, init=init, cwd=sample.parent)

    return start


def test_the_first_question_is_saved_as_it_is_written(
    nvim: Nvim, broker: FakeBroker, another: Another, sample: Path
) -> None:
    nvim.feed(":ZekeChat<CR>Gia long<CR>question<Esc>")
    path = saved(nvim)
    while "question" not in body(path):
        path = saved(nvim)
    assert head(path)["title"] == "a long question"
    assert head(path)["places"] == [str(sample.parent)]
    nvim.close()
    other = another()
    other.feed(":ZekeChat history<CR>")
    other.wait_screen("a long")
    assert other.lines()[-2:] == ["a long", "question"]
    other.feed("Gcc question!<Esc><CR>")
    answer(other, broker, "One.")
    while "One." not in body(saved(other)):
        pass
    assert head(path)["title"] == "a long question!"


def test_one_that_was_not_sent_is_kept(nvim: Nvim, broker: FakeBroker, home: Path) -> None:
    nvim.feed(":ZekeChat about @selection<CR>")
    nvim.wait_screen("@selection: ")
    assert nvim.quit() == 0
    (path,) = chats(home)
    assert body(path).endswith("about @selection\n")


def test_an_empty_chat_is_not_saved(nvim: Nvim, home: Path) -> None:
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_screen("<CR> sends")
    nvim.feed("Gix<BS><Esc>")
    nvim.settle()
    assert nvim.quit() == 0
    assert chats(home) == []


def test_what_is_taken_back_is_kept_nowhere(nvim: Nvim, broker: FakeBroker, home: Path) -> None:
    nvim.feed(":ZekeChat<CR>Gimy secret<Esc>")
    path = saved(nvim)
    nvim.feed("cc<Esc>")
    nvim.wait_for("vim.uv.fs_stat(...) == nil", str(path))
    nvim.feed("ianother<Esc>")
    assert "another" in body(saved(nvim))
    nvim.feed("cc<Esc>")
    assert nvim.quit() == 0
    assert chats(home) == []


def test_a_draft_that_is_wiped_is_kept(nvim: Nvim, home: Path) -> None:
    nvim.feed(":ZekeChat<CR>Gikeep me<Esc>:bwipeout!<CR>")
    path = saved(nvim)
    assert "keep me" in body(path)
    nvim.wait_for("vim.uv.fs_stat(...) == nil", str(path.with_suffix(".lock")))


def test_an_agent_that_heard_nothing_has_nothing_to_go_on_with(nvim: Nvim) -> None:
    file = nvim.lua("""
        local chat = require("zeke.chat.session").new()
        chat.agent = { saved = function() return { name = "a", id = "1" } end,
          heading = function() return "" end }
        vim.api.nvim_buf_set_lines(chat.buffer, -1, -1, false, { "a draft" })
        local file = chat:file()
        chat.agent = nil
        return file
    """)
    assert file["agent"] == {"name": "a"}


def test_the_number_of_a_buffer_is_none_of_another_neovim(
    nvim: Nvim, broker: FakeBroker, another: Another
) -> None:
    nvim.command("edit fugitive:///p/.git//1f/private/x")
    nvim.lua("vim.bo.buftype = 'nowrite' vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'old' })")
    nvim.feed(":%ZekeChat<CR>")
    while "@buffer:#2:1-1" not in body(saved(nvim)):
        pass
    nvim.close()
    other = another()
    other.command("edit b.py")
    other.feed("imine<Esc>:ZekeChat history<CR>")
    other.wait_screen("@buffer:#2:1-1")
    other.feed("Gawhat is it?<Esc><CR>")
    other.wait_screen("mention the buffer again")
    assert not broker.seen("task.submit")
    other.feed("k0D<CR>")
    assert answer(other, broker, "One.")["messages"][0]["content"] == "what is it?"
