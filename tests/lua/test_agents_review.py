"""Changes that agents want, which this Neovim did not ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import asked, opened


def wants(
    broker: FakeBroker, number: int, *files: Path, agent: str = "actor", session: str = "a1"
) -> str:
    """An agent wants to change a line of each of these files; the task."""
    task = f"review-{number}"
    title = files[0].name if len(files) == 1 else f"{len(files)} files"
    more = {"agent": agent, "session": session, "title": title}
    broker.send("task.started", id=task, kind="review", **more)
    shown(broker, task, *files)
    return task


def shown(broker: FakeBroker, task: str, *files: Path) -> None:
    """The diffs of these files as they are now."""
    for index, path in enumerate(files, 1):
        lines = path.read_text().splitlines()
        broker.send(
            "task.patch",
            id=task,
            round=1,
            file=index,
            files=len(files),
            version=1,
            path=str(path),
            name=path.name,
            kind="change",
            base="\n".join(lines),
            hunks=[{"start_line": 1, "old": lines[:1], "new": ["changed"]}],
            conflicts=[],
            note="",
            problem="",
        )


def settled(broker: FakeBroker, task: str, path: Path, state: str = "written", **more: Any) -> None:
    """The broker has decided, and the review is over."""
    told = {"round": 1, "file": 1, "path": str(path), "name": path.name, "state": state}
    counts = {"accepted": 1, "hunks_total": 1, "message": "", **more}
    hunks = [{"start_line": 1, "old": [path.read_text().splitlines()[0]], "new": ["changed"]}]
    if state == "written":
        path.write_text("changed\n" + path.read_text().split("\n", 1)[1])
    broker.send("task.settled", id=task, hunks=hunks, **told, **counts)
    broker.send("task.done", id=task, kind="review", files=[{**told, **counts}], written=[])


@pytest.fixture
def other(sample: Path) -> Path:
    path = sample.parent / "other.py"
    path.write_text("one = 1\ntwo = 2\n")
    return path


@pytest.fixture
def third(sample: Path) -> Path:
    path = sample.parent / "third.py"
    path.write_text("three = 3\n")
    return path


def test_who_waits_for_it_is_taken_to_the_change_and_back(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    asked(nvim, broker)
    task = wants(broker, 1, sample)
    nvim.wait_for("vim.api.nvim_buf_get_name(0):find('app.py', 1, true) ~= nil")
    nvim.wait_screen("Zeke: actor · waits for you")
    nvim.feed("ga")
    yes = broker.expect("edit.accept")
    assert (yes["id"], yes["file"]) == (task, 1)
    settled(broker, task, sample)
    nvim.wait_for("vim.bo.filetype == 'markdown'")
    nvim.wait_screen("Zeke: actor · <C-c> stops")
    assert nvim.lua("return vim.fn.getbufline('app.py', 1)[1]") == "changed"


def test_the_next_file_is_offered_when_one_is_settled(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path, third: Path
) -> None:
    asked(nvim, broker)
    for number, path in enumerate((other, third, sample), 1):
        task = wants(broker, number, path)
        nvim.wait_for("require('zeke.review').of(vim.api.nvim_get_current_buf()) ~= nil")
        nvim.feed("ga")
        assert broker.expect("edit.accept")["id"] == task
        settled(broker, task, path)
        nvim.wait_for("vim.bo.filetype == 'markdown'")
    assert nvim.lua("return #vim.api.nvim_list_tabpages()") == 1


def test_several_at_once_come_one_after_the_other(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path, third: Path
) -> None:
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_screen("│ other.py")
    wants(broker, 2, third)
    nvim.wait_screen("third.py")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["id"] == "review-1"
    settled(broker, "review-1", other)
    nvim.wait_screen("│ third.py")
    nvim.feed("gR")
    assert broker.expect("edit.reject")["id"] == "review-2"
    settled(broker, "review-2", third, "rejected", accepted=0)
    nvim.wait_for("vim.bo.filetype == 'markdown'")


def test_two_agents_want_to_change_one_file(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    asked(nvim, broker)
    wants(broker, 1, sample)
    nvim.wait_for("vim.api.nvim_buf_get_name(0):find('app.py', 1, true) ~= nil")
    wants(broker, 2, sample, agent="second", session="a2")
    nvim.wait_screen("Another change of this buffer comes first")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["id"] == "review-1"
    settled(broker, "review-1", sample)
    # Its text is another one now; meanwhile nobody is taken away.
    assert broker.expect("edit.rebase")["id"] == "review-2"
    shown(broker, "review-2", sample)
    nvim.wait_for("(require('zeke.review').of(vim.fn.bufnr()) or {}).state == 'open'")
    nvim.feed("gR")
    assert broker.expect("edit.reject")["id"] == "review-2"
    settled(broker, "review-2", sample, "rejected", accepted=0)
    nvim.wait_for("vim.bo.filetype == 'markdown'")


def test_who_types_keeps_the_focus_and_is_told(
    nvim: Nvim, broker: FakeBroker, other: Path, third: Path
) -> None:
    asked(nvim, broker)
    nvim.feed("Gimy next")
    nvim.settle()
    wants(broker, 1, other, third)
    nvim.wait_screen("actor wants to change 2 files: `:ZekeReview` shows it.")
    nvim.feed(" question")
    nvim.settle()
    assert nvim.lines()[-1] == "my next question"
    nvim.feed("<Esc>:ZekeReview<CR>")
    nvim.wait_screen("actor wants to change")
    nvim.feed("<CR>")
    nvim.wait_screen("│ other.py")
    nvim.wait_gone("actor wants to change 2 files")


def test_the_list_is_by_agent_and_all_of_one_can_be_taken(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path, third: Path
) -> None:
    opened(nvim, broker)
    opened(nvim, broker, "ZekeAgent second", session="a2", agent="second")
    nvim.feed("ifoo<Esc>")
    nvim.settle()
    wants(broker, 1, other)
    wants(broker, 2, sample, agent="second", session="a2")
    wants(broker, 3, third)
    nvim.wait_screen("actor wants to change third.py")
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("╭ Zeke: proposed changes")
    lines = [line.strip() for line in nvim.lines()]
    names = [line for line in lines if line.endswith((".py", "change"))]
    assert names == [
        "actor wants to change",
        "other.py",
        "third.py",
        "second wants to change",
        "app.py",
    ]
    nvim.feed("gg")
    nvim.feed("ghA")
    taken = {broker.expect("edit.accept")["id"], broker.expect("edit.accept")["id"]}
    assert taken == {"review-1", "review-3"}
    nvim.settle()
    assert not broker.seen("edit.accept")


def test_a_reason_goes_to_the_agent(nvim: Nvim, broker: FakeBroker, other: Path) -> None:
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_screen("│ other.py")
    nvim.feed("ghw")
    nvim.wait_screen("Why not?")
    nvim.feed("use a loop<CR>")
    assert broker.expect("edit.reject")["reason"] == "use a loop"
    settled(broker, "review-1", other, "rejected", accepted=0)
    nvim.wait_screen("Your reason goes to actor.")


def test_what_the_agent_takes_back_is_taken_away(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_screen("│ other.py")
    broker.send(
        "task.failed", id="review-1", code="cancelled", message="Cancelled.", retryable=False
    )
    nvim.wait_screen("actor does not wait for the change of other.py any more")
    nvim.wait_for("vim.bo.filetype == 'markdown'")


def test_a_hidden_buffer_is_shown_in_a_window_of_files(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    nvim.edit(other)
    nvim.edit(sample)
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_for("vim.api.nvim_buf_get_name(0):find('other.py', 1, true) ~= nil")
    nvim.wait_screen("Zeke: actor")


def test_files_of_the_chat_lead_to_their_review(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    task = asked(nvim, broker)
    touched = {"sessionUpdate": "_zeke/file", "path": "other.py", "state": "rejected"}
    broker.send("agent.update", session="a1", agent="actor", task=task, update=touched)
    nvim.wait_screen("Files: 1 rejected")
    nvim.feed("k")
    nvim.settle()
    wants(broker, 1, other)
    nvim.wait_screen("actor wants to change other.py")
    nvim.feed("gl")
    nvim.wait_screen("Zeke: files of this chat")
    nvim.feed("<CR>")
    nvim.wait_screen("│ other.py")


def test_a_lost_broker_ends_the_reviews(nvim: Nvim, broker: FakeBroker, other: Path) -> None:
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_screen("│ other.py")
    broker.die()
    nvim.wait_for("#require('zeke.review').list() == 0")
    assert other.read_text().startswith("one")


def test_what_was_written_without_a_review_is_in_its_buffer(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    opened(nvim, broker)
    told = {"path": str(sample), "name": "app.py", "agent": "cursor"}
    sample.write_text("changed\n")
    broker.send("file.written", session="a1", **told)
    nvim.wait_for("vim.fn.getbufline('app.py', 1)[1] == 'changed'")
    assert nvim.lua("return vim.fn.getbufvar('app.py', '&modified')") == 0
    assert "cursor" not in nvim.screen.text
    broker.send("file.written", session="", **told)
    nvim.wait_screen("cursor has changed app.py, as you allowed before.")
    nvim.lua("vim.fn.setbufline('app.py', 1, 'mine')")
    sample.write_text("theirs\n")
    broker.send("file.written", session="a1", **told)
    nvim.wait_screen("app.py was written, and its buffer has changed since")
    assert nvim.lua("return vim.fn.getbufline('app.py', 1)[1]") == "mine"


def test_a_second_session_that_wants_the_same_is_told_of_and_listed(
    nvim: Nvim, broker: FakeBroker, other: Path, third: Path
) -> None:
    asked(nvim, broker)
    wants(broker, 1, other)
    nvim.wait_screen("│ other.py")
    opened(nvim, broker, "ZekeAgent second", session="a2", agent="second")
    nvim.feed("iand<Esc>")
    nvim.settle()
    wants(broker, 2, third, agent="second", session="a2")
    nvim.wait_screen("second wants to change third.py: `:ZekeReview` shows it.")
    nvim.feed(":Zeke chats<CR>")
    nvim.wait_screen("second: a new chat · waits for you")
    nvim.feed("<CR>")
    nvim.command("ZekeReview")
    nvim.wait_screen("second wants to change")
    names = [line.strip() for line in nvim.lines()]
    assert [line for line in names if line.endswith(".py")] == ["other.py", "third.py"]
