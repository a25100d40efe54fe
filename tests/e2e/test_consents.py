"""``:ZekeConsents`` before a real broker: what waits, what was granted, and taking it back."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.e2e.conftest import Opener, Scripts, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done, failed, run
from tests.fakes.house import House
from tests.fakes.script import Script

ASKING = {"ghostllm": {"auto_approve_read": False}}
READY = "Esc denies"
WAITS = "To answer:"
FOOT = "(vim.api.nvim_win_get_config(0).footer or {{'One moment'}})[1][1]"
GRANT = {
    "id": "11111111-1111-4111-8111-111111111111",
    "op": "read",
    "subject": "assistant",
    "target": "app.py",
    "created": "2026-01-01T00:00:00Z",
    "expires": "2999-01-01T00:00:00Z",
}


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def nvim(editor: Opener) -> Nvim:
    """Asks before anything is read."""
    return editor(settings=ASKING)


def inbox(nvim: Nvim) -> None:
    """Open the list and wait until it is there and steady."""
    run(nvim, "ZekeConsents")
    nvim.wait_screen("Waiting (")
    steady(nvim)


def steady(nvim: Nvim) -> None:
    nvim.wait_for(f"not {FOOT}:find('One moment', 1, true)")


def on(nvim: Nvim, text: str) -> None:
    """Put the cursor on the line that has the text, once there is one, and let it stand still."""
    nvim.wait_for("vim.fn.search(..., 'w') > 0", text)
    nvim.lua("vim.api.nvim_exec_autocmds('CursorMoved', {buffer = 0})")
    steady(nvim)


def said(nvim: Nvim, text: str) -> None:
    """Wait until the list says so, wherever it is scrolled to."""
    nvim.wait_for(
        "table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), ' '):find(..., 1, true)", text
    )


def explain(nvim: Nvim, key: str) -> None:
    run(nvim, "ZekeExplain")
    answer(nvim, key)


def project_file(house: House, **changes: Any) -> None:
    path = house.project / ".zeke-consents.json"
    content = {"version": 1, "grants": [GRANT], "denies": [], "local_only": False, **changes}
    path.write_text(json.dumps(content))
    path.chmod(0o600)


def ask_from(script: Script, house: House, *names: str) -> None:
    paths = [house.project / name for name in names]
    for path in paths:
        path.write_text("x\n")
    script.explain(*paths)


def test_several_at_once(editor: Opener, house: House, script: Scripts) -> None:
    nvim = editor()
    inbox(nvim)
    asker = script()
    ask_from(asker, house, "one.txt", "two.txt", "three.txt")
    said(nvim, "Waiting (3)")
    nvim.wait_screen(WAITS)
    on(nvim, "one.txt")
    nvim.feed("<Space>")
    on(nvim, "three.txt")
    nvim.feed("<Space>1")
    ended = {asker.until("task.done", "task.failed")["id"] for _ in "12"}
    assert ended == {"one.txt", "three.txt"}
    said(nvim, "Waiting (1)")
    nvim.wait_screen(WAITS)
    on(nvim, "two.txt")
    nvim.feed("d")
    assert asker.until("task.failed")["code"] == "denied"
    said(nvim, "Waiting (0)")
    nvim.wait_gone("[1] Allow once")


def test_closing_the_list_denies_nothing(editor: Opener, house: House, script: Scripts) -> None:
    nvim = editor()
    inbox(nvim)
    asker = script()
    ask_from(asker, house, "one.txt")
    nvim.wait_screen(WAITS)
    nvim.feed("q")
    nvim.wait_gone("Zeke consents")
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    asker.until("task.done")


def test_what_another_neovim_is_asked(editor: Opener, house: House) -> None:
    one, two = editor(settings=ASKING), editor(settings=ASKING)
    inbox(two)
    run(one, "ZekeExplain")
    one.wait_screen(READY)
    said(two, "another Neovim")
    on(two, "read  app.py")
    two.feed("1")
    two.wait_screen("waits in another Neovim")
    two.feed("d")
    assert "You said no" in failed(one)
    one.wait_gone("GhostWarden")
    said(two, "Waiting (0)")


def test_a_prompt_that_is_answered_leaves_the_list(editor: Opener) -> None:
    one, two = editor(settings=ASKING), editor(settings=ASKING)
    inbox(two)
    run(one, "ZekeExplain")
    one.wait_screen(READY)
    said(two, "Waiting (1)")
    answer(one, "1")
    done(one)
    said(two, "Waiting (0)")


def test_grants_of_session_and_project_and_taking_them_back(nvim: Nvim, house: House) -> None:
    explain(nvim, "2")
    done(nvim)
    run(nvim, "ZekeExplain")
    done(nvim)
    inbox(nvim)
    on(nvim, "until this Neovim ends")
    assert "read  app.py  by Zeke since" in nvim.lua("return vim.fn.getline('.')")
    nvim.feed("r")
    nvim.wait_for("vim.fn.search('until this Neovim ends', 'nw') == 0")
    nvim.feed("q")
    explain(nvim, "3")
    done(nvim)
    run(nvim, "ZekeExplain")
    done(nvim)
    inbox(nvim)
    said(nvim, "the project's file is trusted")
    on(nvim, "read  app.py  by Zeke since .*, until 20")
    nvim.feed("r")
    nvim.wait_for("vim.fn.search('since', 'nw') == 0")
    assert json.loads((house.project / ".zeke-consents.json").read_text())["grants"] == []
    nvim.feed("q")
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)


def test_a_refusal_is_remembered_and_taken_back(nvim: Nvim) -> None:
    for _ in range(3):
        explain(nvim, "d")
        failed(nvim)
    run(nvim, "ZekeExplain")
    failed(nvim)
    inbox(nvim)
    on(nvim, "app.py  refused 3 times")
    nvim.feed("r")
    nvim.wait_for("vim.fn.search('refused 3 times', 'nw') == 0")
    nvim.feed("q")
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)


def test_a_file_that_came_along(nvim: Nvim, house: House) -> None:
    denies = {"op": "read", "pattern": "secret/**"}
    project_file(house, denies=[denies], local_only=False)
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)
    answer(nvim, "d")
    failed(nvim)
    inbox(nvim)
    said(nvim, "none of its grants counts")
    said(nvim, "read  secret/**  by the project")
    on(nvim, "read  app.py  by Zeke since 2026-01-01, until 2999-01-01")
    nvim.feed("t")
    said(nvim, "the project's file is trusted")
    nvim.feed("q")
    run(nvim, "ZekeExplain")
    done(nvim)
    inbox(nvim)
    on(nvim, "the project's file is trusted")
    nvim.feed("x")
    said(nvim, "you rejected it")
    nvim.feed("q")
    run(nvim, "ZekeExplain")
    nvim.wait_screen(READY)


def test_a_file_swapped_while_one_looks(nvim: Nvim, house: House) -> None:
    project_file(house)
    inbox(nvim)
    on(nvim, "app.py")
    evil = {**GRANT, "id": "22222222-2222-4222-8222-222222222222", "target": "evil.py"}
    project_file(house, grants=[GRANT, evil])
    nvim.feed("t")
    nvim.wait_screen("The file has just changed: look at its grants")
    said(nvim, "evil.py")
    said(nvim, "the project's file is not trusted")


def test_a_file_that_git_would_take(nvim: Nvim, house: House) -> None:
    project_file(house)
    inbox(nvim)
    said(nvim, "e keeps it out of git")
    on(nvim, "git knows nothing")
    nvim.feed("e")
    nvim.wait_for("vim.fn.search('git knows nothing', 'nw') == 0")
    assert "/.zeke-consents.json" in (house.project / ".git/info/exclude").read_text()
    status = ["git", "status", "--porcelain", ".zeke-consents.json"]
    assert subprocess.run(status, cwd=house.project, capture_output=True, check=True).stdout == b""


def test_why_was_this_allowed(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    inbox(nvim)
    on(nvim, "allowed read app.py")
    nvim.feed("w")
    said(nvim, "Why      Your configuration lets files of the project be read")
    said(nvim, "(auto_approve_read).")
    said(nvim, "shown to the model")


def test_a_choice_that_is_not_offered(nvim: Nvim, house: House, script: Scripts) -> None:
    inbox(nvim)
    asker = script()
    ask_from(asker, house, ".env")
    on(nvim, ".env")
    nvim.feed("3")
    nvim.wait_screen("`.env` can only be allowed once.")
    nvim.feed("1")
    asker.until("task.done")
