"""Nothing that a person has typed or saved is lost to a change, with a real broker behind it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, failed, propose, run
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

HOLD = "vim.ui.select = function(items, _, done) _G.items, _G.pick = items, done end"
AUTO_SAVE = """
vim.api.nvim_create_autocmd({ "BufLeave", "FocusLost" }, {
  nested = true,
  callback = function() if vim.bo.modified then vim.cmd("silent! write") end end,
})
"""


def chat(editor: Opener, name: str, *code: str) -> Nvim:
    """A chat whose answer has code for a file; the cursor is on it."""
    nvim = editor(init=HOLD)
    run(nvim, "ZekeChat how? ANSWER: So.")
    done(nvim)
    nvim.wait_screen("So.")
    block = [f"`{name}`:", "", "```python", *code, "```"]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 6, 7, false, ...)", block)
    nvim.feed(f"gg/^{code[0]}<CR>")
    return nvim


def pick(nvim: Nvim, wanted: str) -> None:
    """Say where the code belongs."""
    nvim.wait_for("_G.pick ~= nil")
    nvim.lua(
        "local wanted, pick = ..., _G.pick _G.pick = nil "
        "for _, item in ipairs(_G.items) do if item.text:find(wanted) then return pick(item) end end",
        wanted,
    )


def test_a_save_during_the_question_survives_a_session_grant(editor: Opener, house: House) -> None:
    nvim = chat(editor, "app.py", "x = 1")
    path = house.project / "app.py"
    nvim.feed("gA")
    pick(nvim, "at the end")
    answer(nvim, "2")
    assert done(nvim)["written"]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 9, 10, false, { 'y = 2' })")
    nvim.feed("gg/y = 2<CR>gA")
    nvim.wait_for("_G.pick ~= nil")
    nvim.feed("<C-w>pggOimport mine<Esc>:w<CR>")
    nvim.wait_for("not vim.bo.modified")
    pick(nvim, "replace all")
    nvim.wait_event("ZekeTaskPatch")
    assert done(nvim)["written"]
    assert path.read_text() == "import mine\ny = 2\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\xef\xbb\xbfa = 1\n", b"\xef\xbb\xbfa = 1\n\ny = 2\n"),
        (b"a = 1\r\nb = 2\n", b"a = 1\r\nb = 2\n\ny = 2\n"),
        (b"a = 1\r\nb = 2", b"a = 1\r\nb = 2\r\n\r\ny = 2"),
    ],
)
def test_bytes_that_nobody_meant_stay(editor: Opener, house: House, old: bytes, new: bytes) -> None:
    (house.project / "b.py").write_bytes(old)
    nvim = chat(editor, "b.py", "y = 2")
    nvim.feed("gA")
    pick(nvim, "at the end")
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert (house.project / "b.py").read_bytes() == new


def test_auto_save_at_the_prompt_keeps_the_yes(editor: Opener, house: House) -> None:
    nvim = editor(init=AUTO_SAVE)
    nvim.feed("Gomine<Esc>")
    propose(nvim, "1,8ZekeEdit x")
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    written = (house.project / "app.py").read_text()
    assert written.endswith("mine\n")
    assert "# changed by the fake" in written
    nvim.wait_for("not vim.bo.modified")


def test_typed_and_undone_in_a_hunk(editor: Opener, house: House) -> None:
    nvim = editor()
    hunks = propose(nvim, "1,8ZekeEdit x")["hunks"]
    row = hunks[0]["start_line"]
    nvim.feed(f"{row}GA # typed<Esc>")
    assert len(nvim.wait_event("ZekeTaskPatch")["conflicts"]) == 1
    nvim.feed("u")
    assert nvim.wait_event("ZekeTaskPatch")["hunks"] == hunks
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]


def test_a_broker_that_hangs_under_a_yes(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,8ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    pid = house.pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        nvim.feed("1")
        nvim.wait_gone("Esc denies")
        run(nvim, "ZekeCancel")
        assert "does not answer" in failed(nvim)
        nvim.wait_gone("GhostWarden decides")
        assert nvim.lines() == SAMPLE.splitlines()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_one_bad_path_of_a_creation(editor: Opener, house: House) -> None:
    files = [{"path": path, "content": "x = 1\n"} for path in ("../out.py", "ok.py")]
    house.provider.script.append(json.dumps({"files": files}))
    nvim = editor()
    run(nvim, "ZekeCreate two")
    nvim.wait_screen("ok.py (new)")
    nvim.wait_screen("../out.py")
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert (house.project / "ok.py").read_text() == "x = 1\n"
    assert not Path(house.project, "..", "out.py").exists()
