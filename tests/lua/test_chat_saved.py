"""Chats on disk: written as they grow, listed, searched, gone on with."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import RECEIPT, answer, begin, body, chats, end, head, saved, say

Another = Callable[..., Nvim]
CHOOSE = """
vim.ui.select = function(items, options, done)
  _G.offered = vim.tbl_map(options.format_item, items)
  done(items[_G.choice or 1])
end
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def another(
    tmp_path: Path, broker: FakeBroker, sample: Path, open_nvim: Callable[..., Nvim]
) -> Another:
    """A Neovim of the same person, in the same project."""

    def start(settings: str = "") -> Nvim:
        init = f"vim.g.zeke_python = [[{broker.python()}]] {CHOOSE} {settings}"
        env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
        return open_nvim(str(sample), env=env, init=init, cwd=sample.parent)

    return start


def resume(nvim: Nvim, words: str = "") -> None:
    nvim.feed(f":ZekeChat history {words}<CR>")
    nvim.wait_screen("## Zeke")


def test_where_text_was_read_that_stays_here_is_said_ever_after(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = begin(nvim, broker, "look")
    kept = {"sessionUpdate": "_zeke/kept", "path": "/elsewhere/private.py"}
    broker.send("agent.update", session="", agent="zeke", task=task, update=kept)
    end(nvim, broker, task, "It is.")
    path = saved(nvim)
    while kept["path"] not in head(path)["places"]:
        path = saved(nvim)
    nvim.feed("Gimore<Esc><CR>")
    assert kept["path"] in broker.expect("task.submit")["places"]


def test_it_is_saved_while_the_answer_comes(nvim: Nvim, broker: FakeBroker, home: Path) -> None:
    task = begin(nvim, broker, "what is two?")
    say(nvim, broker, task, "Half an")
    path = saved(nvim)
    while "Half an" not in body(path):
        path = saved(nvim)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert head(path)["title"] == "what is two?"
    assert head(path)["places"] == [str(home.parent / "project")]
    assert chats(home) == [path]


def test_a_killed_neovim_and_a_dead_broker_lose_nothing(
    nvim: Nvim, broker: FakeBroker, another: Another
) -> None:
    task = begin(nvim, broker)
    say(nvim, broker, task, "Half an")
    broker.die()
    nvim.wait_screen("Stopped:")
    path = saved(nvim)
    while "Stopped:" not in body(path):
        path = saved(nvim)
    nvim.close()
    other = another()
    resume(other)
    assert "Half an" in other.lines()
    assert other.lines()[-3:] == ["## You", "", ""]


def test_what_changed_last_is_saved_on_the_way_out(
    nvim: Nvim, broker: FakeBroker, home: Path
) -> None:
    begin(nvim, broker, "one")
    answered = nvim.lines()
    assert answered
    nvim.feed("ia draft<Esc>")
    assert nvim.quit() == 0
    (path,) = chats(home)
    assert body(path).endswith("## You\n\na draft\n")
    assert not path.with_suffix(".lock").exists()


def test_a_wiped_chat_is_saved_with_what_came(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    say(nvim, broker, task, "Half an")
    nvim.feed(":bwipeout!<CR>")
    path = saved(nvim)
    while "Half an" not in body(path):
        path = saved(nvim)


def test_a_resumed_chat_has_its_context_and_its_receipts(
    nvim: Nvim, broker: FakeBroker, another: Another
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    nvim.feed("isecond<Esc><CR>")
    answer(nvim, broker, "Two.", model="m-2")
    nvim.quit()
    other = another()
    resume(other)
    other.wait_screen("openai:m-2")
    other.feed("gg")
    other.wait_screen("openai:m-1 · 120 + 30 tokens · $0.0030")
    other.feed("Githird<Esc><CR>")
    task = broker.expect("task.submit")
    said = [turn["content"] for turn in task["messages"]]
    assert said == ["first", "One.", "second", "Two.", "third"]
    broker.send("task.done", id=task["id"], kind="chat", text="Three.", **RECEIPT)
    path = saved(other)
    while len(head(path)["receipts"]) < 3 or not head(path)["receipts"][2]:
        path = saved(other)
    models = [receipt["model"] for receipt in head(path)["receipts"]]
    assert models == ["m-1", "m-2", "m-1"]
    assert "text" not in head(path)["receipts"][0]


def test_where_its_text_comes_from_is_kept(
    nvim: Nvim, broker: FakeBroker, another: Another, sample: Path
) -> None:
    nvim.feed(":1,2ZekeChat what is this?<CR>")
    answer(nvim, broker, "A sum.")
    nvim.quit()
    other = another()
    other.command("cd /")
    resume(other)
    other.feed("iagain<Esc><CR>")
    places = broker.expect("task.submit")["places"]
    assert {str(sample), str(sample.parent), "/"} <= set(places)


def test_history_lists_the_latest_first_and_searches_words(
    nvim: Nvim, broker: FakeBroker, home: Path
) -> None:
    nvim.lua(CHOOSE + "_G.choice = 99")
    for question, text in (("about apples", "They are GREEN."), ("about pears", "Soft.")):
        nvim.feed(f":ZekeChat! {question}<CR>")
        answer(nvim, broker, text)
        while text not in body(saved(nvim)):
            pass
    listed = "_G.offered and table.concat(_G.offered, '|')"
    nvim.feed(":ZekeChat history<CR>")
    found = nvim.wait_for(listed)
    assert found.index("about pears") < found.index("about apples")
    assert "project)" in found
    nvim.lua("_G.offered = nil")
    nvim.feed(":ZekeChat history green apples<CR>")
    found = nvim.wait_for(listed)
    assert "pears" not in found
    assert "about apples" in found
    nvim.feed(":ZekeChat history plums<CR>")
    nvim.wait_screen("No saved chat has these words: plums.")
    nvim.feed(':ZekeChat "history"<CR>')
    assert broker.expect("task.submit")["messages"][-1]["content"] == "history"


def test_one_that_another_neovim_has_open_comes_as_a_copy(
    nvim: Nvim, broker: FakeBroker, another: Another, home: Path
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    while "One." not in body(saved(nvim)):
        pass
    other = another()
    resume(other)
    other.wait_screen("this is a copy of it")
    other.feed("iand in the copy<Esc><CR>")
    broker.expect("task.submit")
    while "in the copy" not in body(saved(other)):
        pass
    assert len(chats(home)) == 2
    texts = [body(path) for path in chats(home)]
    assert sum("in the copy" in text for text in texts) == 1
    other.feed(":ZekeChat history first<CR>")


def test_the_lock_of_a_killed_neovim_holds_nobody_up(
    nvim: Nvim, broker: FakeBroker, another: Another, home: Path
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    while "One." not in body(saved(nvim)):
        pass
    nvim.close()
    other = another()
    resume(other)
    other.feed("igone on<Esc>")
    while "gone on" not in body(saved(other)):
        pass
    assert len(chats(home)) == 1


def test_one_that_is_open_here_is_shown(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(CHOOSE)
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    while "One." not in body(saved(nvim)):
        pass
    nvim.feed("<C-w>c")
    resume(nvim)
    assert nvim.lua("return #require('zeke.chat.session').all()") == 1


def test_so_many_are_kept(nvim: Nvim, broker: FakeBroker, home: Path) -> None:
    nvim.lua("require('zeke').setup({ chat = { keep = 2 } })")
    directory = home / "state" / "nvim" / "zeke" / "chats"
    directory.mkdir(parents=True)
    for number in range(4):
        path = directory / f"old{number}.md"
        path.write_text("---\nzeke: 1\nplaces: []\n---\n## You\n")
        os.utime(path, (number, number))
    begin(nvim, broker)
    saved(nvim)
    names = "vim.fn.readdir(vim.fn.stdpath('state') .. '/zeke/chats', [[v:val =~ 'md$']])"
    nvim.wait_for(f"#{names} == 2")
    assert "old3" in [path.stem for path in chats(home)]


def test_nothing_is_stored_when_nothing_shall_be(
    nvim: Nvim, broker: FakeBroker, home: Path
) -> None:
    nvim.lua("require('zeke').setup({ chat = { save = false } })")
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    assert nvim.quit() == 0
    assert not (home / "state" / "nvim" / "zeke").exists()


def test_a_full_disk_is_said_once_and_the_chat_goes_on(
    nvim: Nvim, broker: FakeBroker, home: Path
) -> None:
    directory = home / "state" / "nvim" / "zeke"
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.write_text("a file where the directory should be")
    task = begin(nvim, broker)
    nvim.wait_screen("This chat could not be saved")
    end(nvim, broker, task, "One.")
    nvim.wait_screen("One.")


def test_what_was_asked_is_found_again_in_the_next_neovim(
    nvim: Nvim, broker: FakeBroker, another: Another
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    nvim.feed("isecond<CR>line<Esc><CR>")
    answer(nvim, broker, "Two.")
    nvim.feed("ia draft<C-Up>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'line'")
    nvim.feed("<C-Up>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'first'")
    nvim.feed("<C-Up><C-Down><C-Down>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'a draft'")
    nvim.quit("<Esc>:qa!<CR>")
    other = another()
    other.feed(":ZekeChat<CR>")
    other.wait_for("#require('zeke.chat.prompts').all() == 2")
    other.feed("<C-Up><C-Up>")
    other.wait_for("vim.api.nvim_get_current_line() == 'first'")


def test_what_was_asked_last_is_kept_by_a_neovim_that_is_left_at_once(
    nvim: Nvim, broker: FakeBroker, another: Another
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    broker.expect("task.submit")
    nvim.quit()
    other = another()
    other.feed(":ZekeChat<CR>")
    other.wait_for("#require('zeke.chat.prompts').all() == 1")
