"""``:ZekeEdit``: the diff first, then GhostWarden, then the file; and nothing without both."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, denied, done, failed, notices, propose, run, says
from tests.fakes.house import House

MARK = "# changed by the fake"
LINES = SAMPLE.splitlines()
# A notice may cover the line that says so on the screen.
OPEN = "vim.fn.maparg('ga', 'n') ~= ''"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def nvim(editor: Opener) -> Nvim:
    return editor()


@pytest.fixture
def path(house: House) -> Path:
    return house.project / "app.py"


def test_diff_then_prompt_then_file(nvim: Nvim, house: House, path: Path) -> None:
    propose(nvim, "1,5ZekeEdit say what it is")
    text = nvim.wait_screen("ga accept  gR reject")
    assert MARK in text
    assert nvim.lines() == LINES
    accept(nvim)
    text = nvim.wait_screen("Esc denies")
    for part in (
        "GhostWarden ─ 1 of 1",
        "wants to",
        "write  app.py",
        "+1 −0",
        "Risk: Medium",
        "[1] Allow once  [2] Session  [3] Project  [d] Deny",
    ):
        assert part in text
    assert path.read_text() == SAMPLE
    answer(nvim, "3")
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{SAMPLE}"
    nvim.wait_for("vim.fn.getline(1) == ...", MARK)
    nvim.wait_screen(lambda screen: screen.lines[0] == MARK)
    assert nvim.lua("return vim.bo.modified") is False
    kept = json.loads((house.project / ".zeke-consents.json").read_text())
    assert [(grant["op"], grant["target"]) for grant in kept["grants"]] == [("write", "app.py")]

    # The project remembers: the second edit asks nothing.
    nvim.events.clear()
    propose(nvim, "1,6ZekeEdit and again")
    accept(nvim)
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{MARK}\n{SAMPLE}"
    assert "GhostWarden ─" not in nvim.screen.text
    assert "ZekeConsentAsked" not in [name for name, _ in nvim.events]


def test_the_project_remembers_in_the_next_neovim_too(editor: Opener, house: House) -> None:
    first = editor()
    propose(first, "1,5ZekeEdit x")
    accept(first)
    answer(first, "3")
    done(first)
    first.quit()
    house.end()
    second = editor()
    propose(second, "1,5ZekeEdit y")
    accept(second)
    assert done(second)["written"]


def test_a_session_is_this_neovim_only(editor: Opener, house: House) -> None:
    first, second = editor(), editor()
    propose(first, "1,5ZekeEdit x")
    accept(first)
    answer(first, "2")
    done(first)
    propose(first, "1,6ZekeEdit x")
    accept(first)
    assert done(first)["written"]
    assert not (house.project / ".zeke-consents.json").exists()
    second.command("edit")
    propose(second, "1,5ZekeEdit x")
    accept(second)
    answer(second, "d")
    denied(second)


def test_a_denied_edit_changes_nothing(nvim: Nvim, house: House, path: Path) -> None:
    before = path.stat()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "d")
    denied(nvim)
    nvim.wait_gone(MARK)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert path.read_text() == SAMPLE
    assert nvim.lines() == LINES
    assert nvim.lua("return vim.bo.modified") is False
    assert not (house.project / ".zeke-consents.json").exists()


def test_a_rejected_diff_asks_nobody(nvim: Nvim, path: Path) -> None:
    propose(nvim, "1,5ZekeEdit x")
    nvim.feed("gR")
    assert done(nvim)["rejected"]
    nvim.wait_gone(MARK)
    assert path.read_text() == SAMPLE
    assert nvim.lines() == LINES
    assert "ZekeConsentAsked" not in [name for name, _ in nvim.events]


def test_one_undo_takes_it_back(nvim: Nvim, path: Path) -> None:
    propose(nvim, "2,5ZekeEdit ANSWER:     return sum(values)")
    accept(nvim)
    answer(nvim, "1")
    done(nvim)
    nvim.wait_for("vim.fn.getline(2) == '    return sum(values)'")
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == LINES
    nvim.feed("<C-r>")
    nvim.settle()
    assert path.read_text() == "\n".join(nvim.lines()) + "\n"
    run(nvim, "write")
    nvim.wait_for("not vim.bo.modified")
    assert "WARNING" not in nvim.screen.text


def test_what_was_unsaved_is_neither_written_nor_lost(nvim: Nvim, path: Path) -> None:
    nvim.feed("Gomine = 1<Esc>")
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "1")
    ended = done(nvim)
    assert not ended["written"]
    says(nvim, ended["message"])
    assert nvim.lines() == [MARK, *LINES, "mine = 1"]
    assert nvim.lua("return vim.bo.modified") is True
    assert path.read_text() == SAMPLE
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == [*LINES, "mine = 1"]


def test_typing_under_the_diff_gets_a_new_one(nvim: Nvim, path: Path) -> None:
    propose(nvim, "1,5ZekeEdit x")
    nvim.feed("Gomine = 1<Esc>")
    patch = nvim.wait_event("ZekeTaskPatch")
    assert patch["hunks"] == [{"start_line": 1, "old": [], "new": [MARK]}]
    nvim.wait_screen("ga accept")
    nvim.wait_for(OPEN)
    accept(nvim)
    answer(nvim, "1")
    assert not done(nvim)["written"]
    nvim.wait_for("vim.fn.getline(1) == ...", MARK)
    assert nvim.lines() == [MARK, *LINES, "mine = 1"]
    assert path.read_text() == SAMPLE


def test_typing_while_the_prompt_waits_gets_a_new_diff(nvim: Nvim, path: Path) -> None:
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    nvim.feed("<C-w>pGomine = 1<Esc>")
    nvim.wait_for("vim.fn.getline('$') == 'mine = 1'")
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    nvim.wait_screen("The buffer changed since the yes")
    nvim.wait_event("ZekeTaskPatch")
    assert nvim.lines() == [*LINES, "mine = 1"]
    assert path.read_text() == SAMPLE
    nvim.wait_for(OPEN)
    nvim.feed("gR")
    done(nvim)
    assert nvim.lines() == [*LINES, "mine = 1"]


def test_a_file_changed_under_the_prompt_gets_a_new_diff_and_a_new_prompt(
    nvim: Nvim, path: Path
) -> None:
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    path.write_text(f"{SAMPLE}theirs = 1\n")
    answer(nvim, "1")
    nvim.wait_screen("changed since you")
    nvim.wait_event("ZekeTaskPatch")
    assert path.read_text() == f"{SAMPLE}theirs = 1\n"
    assert nvim.lines() == [*LINES, "theirs = 1"]
    nvim.wait_for(OPEN)
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{SAMPLE}theirs = 1\n"


def test_a_file_replaced_by_a_fifo_under_the_prompt_ends_the_edit(nvim: Nvim, path: Path) -> None:
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    path.unlink()
    os.mkfifo(path)
    answer(nvim, "1")
    nvim.wait_screen("was written.")
    ended = done(nvim)
    # The person said yes: what it failed at is no rejection.
    assert not ended["written"]
    assert not ended["rejected"]
    assert nvim.lines() == LINES


def test_a_buffer_without_a_name_is_changed_and_not_written(nvim: Nvim, house: House) -> None:
    run(nvim, "enew")
    nvim.feed("ia = 1<Esc>")
    propose(nvim, "ZekeEdit ANSWER: a = 2")
    accept(nvim)
    ended = done(nvim)
    assert not ended["written"]
    nvim.wait_for("vim.fn.getline(1) == 'a = 2'")
    says(nvim, ended["message"])
    assert sorted(path.name for path in house.project.iterdir()) == [".git", "a.py", "app.py"]


def test_it_lands_whatever_the_line_ends_are(nvim: Nvim, house: House) -> None:
    other = house.project / "dos.txt"
    other.write_bytes("eins\r\nzwei ä\r\ndrei".encode())
    nvim.edit(other)
    propose(nvim, "2ZekeEdit ANSWER: zwölf")
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert other.read_bytes() == "eins\r\nzwölf\r\ndrei".encode()
    nvim.wait_for("vim.fn.getline(2) == 'zwölf'")


def test_with_auto_approval_nobody_is_asked(editor: Opener, path: Path) -> None:
    nvim = editor(settings={"ghostllm": {"auto_approve_patterns": ["*.py"]}})
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{SAMPLE}"


def test_a_protected_file_is_asked_about_each_time(nvim: Nvim, house: House) -> None:
    tasks = house.project / ".vscode" / "tasks.json"
    tasks.parent.mkdir()
    tasks.write_text("[1]\n")
    nvim.edit(tasks)
    propose(nvim, "ZekeEdit ANSWER: [2]")
    accept(nvim)
    text = nvim.wait_screen("Esc denies")
    assert "[1] Allow once  [d] Deny" in text
    assert "Risk: High" in text
    nvim.feed("23")
    nvim.settle()
    answer(nvim, "1")
    assert done(nvim)["written"]
    propose(nvim, "ZekeEdit ANSWER: [3]")
    accept(nvim)
    answer(nvim, "d")
    denied(nvim)
    assert tasks.read_text() == "[2]\n"


def test_an_answer_that_fits_nowhere_is_said(nvim: Nvim, path: Path, house: House) -> None:
    house.provider.script.append("I am sorry, I cannot do that.")
    run(nvim, "1,5ZekeEdit x")
    failed(nvim)
    assert path.read_text() == SAMPLE
    assert nvim.lines() == LINES
    assert "Zeke is writing" not in nvim.screen.text
    assert len(notices(nvim)) == 1
