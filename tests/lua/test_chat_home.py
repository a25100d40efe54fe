"""A chat, its agent and the sessions it lists belong to the project that it was begun in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import offers, opened, replied
from tests.lua.chats import answer, body, head, saved

CHOOSE = """
vim.ui.select = function(items, options, done)
  _G.offered = vim.tbl_map(options.format_item, items)
  done(items[1])
end
"""
SAYS = """(function(words)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  return table.concat(lines, " "):find(words, 1, true) ~= nil
end)(...)"""
PROPOSED = 'require("zeke.review").propose = function(change) _G.proposed = change end'


@pytest.fixture
def elsewhere(sample: Path) -> Path:
    """Another project, with a file of the same name."""
    other = sample.parent.with_name("elsewhere")
    (other / ".git").mkdir(parents=True)
    (other / sample.name).write_text("other = 1\n", encoding="utf-8")
    return other


@pytest.fixture
def gone_on(
    tmp_path: Path,
    nvim: Nvim,
    broker: FakeBroker,
    elsewhere: Path,
    open_nvim: Callable[..., Nvim],
) -> Callable[[str, str], Nvim]:
    """Ask, and go on with that chat from the other project."""

    def going(question: str, text: str) -> Nvim:
        nvim.feed(f":ZekeChat {question}<CR>")
        answer(nvim, broker, text)
        while text not in body(saved(nvim)):
            pass
        nvim.quit()
        init = f"vim.g.zeke_python = [[{broker.python()}]] {CHOOSE} {PROPOSED}"
        env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
        there = open_nvim("app.py", env=env, init=init, cwd=elsewhere)
        there.feed(":ZekeChat history<CR>")
        there.wait_screen("Zeke chat in project")
        return there

    return going


def mentioned(task: dict[str, Any], message: int = 0) -> list[tuple[str, str]]:
    given = task["messages"][message].get("attachments", [])
    return [(one["label"], one["path"]) for one in given]


def test_a_chat_of_another_project_is_no_chat_of_this_one(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    nvim.command(f"tabnew {elsewhere}/app.py")
    nvim.command(f"tcd {elsewhere}")
    nvim.feed(":ZekeChat see @file:app.py<CR>")
    task = answer(nvim, broker, "Two.")
    assert [one["content"] for one in task["messages"]] == ["see @file:app.py"]
    assert mentioned(task) == [("@file:app.py", str(elsewhere / "app.py"))]
    assert task["cwd"] == str(elsewhere)
    nvim.command("tabfirst")
    nvim.feed(":ZekeChat third<CR>")
    assert len(broker.expect("task.submit")["messages"]) == 3


def test_it_keeps_to_its_project_wherever_the_person_goes(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    nvim.command(f"cd {elsewhere}")
    nvim.wait_screen("Zeke chat in project")
    nvim.feed("isee @file:app.py and @diff<Esc><CR>")
    task = broker.expect("task.submit")
    diff = ("@diff", str(sample.parent))
    assert mentioned(task, 2) == [("@file:app.py", str(sample)), diff]
    assert (task["cwd"], task["here"]) == (str(sample.parent), str(elsewhere))
    nvim.command(f"cd {sample.parent}")
    nvim.wait_gone("Zeke chat in")


def test_below_the_root_it_is_the_same_project(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    (sample.parent / ".git").mkdir()
    (sample.parent / "src").mkdir()
    (sample.parent / "src" / "b.py").write_text("b = 1\n", encoding="utf-8")
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    nvim.command("cd src")
    nvim.feed(":ZekeChat see @file:b.py<CR>")
    task = broker.expect("task.submit")
    assert mentioned(task, 2) == [("@file:b.py", str(sample.parent / "src" / "b.py"))]
    assert task["cwd"] == str(sample.parent / "src")


def test_what_was_mentioned_is_the_same_file_in_another_project(
    broker: FakeBroker, sample: Path, elsewhere: Path, gone_on: Callable[[str, str], Nvim]
) -> None:
    there = gone_on("what is @file:app.py:1-2 to @buffer?", "A sum.")
    there.feed("iand @file:app.py?<Esc><CR>")
    task = broker.expect("task.submit")
    assert mentioned(task) == [("@file:app.py:1-2", str(sample)), ("@buffer", str(sample))]
    lines = task["messages"][0]["attachments"][0]
    assert (lines["first"], lines["last"]) == (1, 2)
    assert mentioned(task, 2) == [("@file:app.py", str(sample))]


def test_a_block_is_for_the_file_of_its_own_project(
    broker: FakeBroker, sample: Path, gone_on: Callable[[str, str], Nvim]
) -> None:
    there = gone_on("change it", "`app.py`:\n\n```\ndef other():\n    return 7\n```")
    there.feed("gg/^```<CR>gA")
    assert there.wait_for("_G.proposed and _G.proposed.path") == str(sample)


def test_what_was_of_the_moment_is_said_to_be_missing(
    broker: FakeBroker, gone_on: Callable[[str, str], Nvim]
) -> None:
    there = gone_on("what of @diagnostics?", "None.")
    there.feed("iand now?<Esc><CR>")
    assert mentioned(broker.expect("task.submit")) == []
    there.feed("gg")
    there.wait_screen("@diagnostics not sent: it meant what was there when you asked")


def test_a_question_that_is_edited_means_what_it_meant(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed(":ZekeChat what is @buffer<CR>")
    answer(nvim, broker, "A sum.")
    nvim.feed("gg/what<CR>cwhow<Esc>Gigo on<Esc><CR>")
    task = broker.expect("task.submit")
    assert task["messages"][0]["content"] == "how is @buffer"
    assert mentioned(task) == [("@buffer", str(sample))]


def test_no_text_of_what_was_meant_is_kept(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.feed("Oan unsaved secret<Esc>:ZekeChat see @buffer<CR>")
    task = answer(nvim, broker, "It is.")
    assert "an unsaved secret" in task["messages"][0]["attachments"][0]["text"]
    path = saved(nvim)
    while "It is." not in body(path):
        path = saved(nvim)
    assert "an unsaved secret" not in path.read_text(encoding="utf-8")
    [meaning] = head(path)["mentions"]
    assert meaning["meant"][0]["path"] == str(sample)


def test_an_agent_of_another_project_is_another_session(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    nvim.feed(":ZekeAgent actor<CR>")
    asked = replied(broker, "agent.open", offers())
    assert asked["cwd"] == str(sample.parent)
    nvim.wait_for("require('zeke.agents.link').of('a1') ~= nil")
    nvim.command(f"tabnew {elsewhere}/app.py")
    nvim.command(f"tcd {elsewhere}")
    nvim.feed(":ZekeAgent actor see @file:app.py<CR>")
    asked = replied(broker, "agent.open", offers("a2", root=str(elsewhere)))
    assert asked["cwd"] == str(elsewhere)
    task = broker.expect("task.submit")
    assert task["session"] == "a2"
    assert mentioned(task) == [("@file:app.py", str(elsewhere / "app.py"))]


def test_an_agent_that_is_started_again_is_started_where_it_was(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    session = opened(nvim, broker)
    gone = {"session": session, "agent": "actor", "task": "", "reason": "It failed."}
    broker.send("agent.closed", **gone)
    nvim.wait_for("require('zeke.agents.link').of('a1') == nil")
    nvim.command(f"cd {elsewhere}")
    nvim.feed("Gisee @file:app.py<Esc><CR>")
    asked = replied(broker, "agent.open", offers(resumed=True))
    assert (asked["cwd"], asked["resume"]) == (str(sample.parent), "id-a1")
    assert asked["here"] == str(elsewhere)
    assert mentioned(broker.expect("task.submit")) == [("@file:app.py", str(sample))]
    nvim.wait_screen("Zeke: actor in project")


def test_an_agent_is_not_started_where_nothing_is_any_more(
    nvim: Nvim, broker: FakeBroker, tmp_path: Path
) -> None:
    (tmp_path / "tree").mkdir()
    nvim.command(f"cd {tmp_path}/tree")
    session = opened(nvim, broker)
    gone = {"session": session, "agent": "actor", "task": "", "reason": "It failed."}
    broker.send("agent.closed", **gone)
    nvim.wait_for("require('zeke.agents.link').of('a1') == nil")
    nvim.command(f"cd {tmp_path}")
    (tmp_path / "tree").rmdir()
    nvim.feed("Gigo on<Esc><CR>")
    nvim.wait_for(SAYS, "is not there any more, and this chat works there")


def test_sessions_are_those_of_the_current_directory(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    nvim.lua(CHOOSE)
    opened(nvim, broker)
    nvim.command(f"cd {elsewhere}")
    nvim.feed(":ZekeAgent actor sessions<CR>")
    found = [{"id": "s-7", "title": "Fix", "updated": "", "cwd": str(elsewhere)}]
    asked = replied(broker, "agent.sessions", {"sessions": found})
    assert asked["cwd"] == str(elsewhere)
    asked = broker.expect("agent.open")
    assert (asked["cwd"], asked["resume"]) == (str(elsewhere), "s-7")


def test_those_of_a_chat_are_those_of_its_command_and_its_project(
    nvim: Nvim, broker: FakeBroker, sample: Path, elsewhere: Path
) -> None:
    nvim.lua(CHOOSE)
    opened(nvim, broker, "ZekeAgent -- my-agent --acp", agent="my-agent")
    nvim.command(f"cd {elsewhere}")
    nvim.feed("<Esc>gs")
    found = [{"id": "s-7", "title": "Fix", "updated": "", "cwd": str(sample.parent)}]
    asked = replied(broker, "agent.sessions", {"sessions": found})
    whose = ("my-agent", ["my-agent", "--acp"], str(sample.parent))
    assert (asked["agent"], asked["command"], asked["cwd"]) == whose
    asked = broker.expect("agent.open")
    assert (asked["agent"], asked["command"], asked["cwd"]) == whose
    assert asked["resume"] == "s-7"
