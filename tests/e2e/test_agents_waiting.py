"""An agent goes on while Neovim waits for a key and answers nobody: what is saved is on disk."""

from __future__ import annotations

import os

import pytest

from tests.e2e.conftest import Acting
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, run, shows
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

AUTO = {"ghostllm": {"auto_approve_write": True}}


def waits_for_a_key(nvim: Nvim) -> None:
    """Type the first half of a command."""
    nvim.feed("g")
    while not nvim.request("nvim_get_mode")["blocking"]:
        pass


def test_what_is_saved_is_read_and_what_is_not_is_left_alone(acting: Acting, house: House) -> None:
    begun, looked = house.base / "begun", house.base / "looked"
    for path in (begun, looked):
        os.mkfifo(path)
    before = (house.project / "app.py").read_text()
    steps = [
        {"say": "at work"},
        {"wait": str(begun)},
        {"read": "a.py", "as": "saved"},
        {"write": "a.py", "text": "written = 1\n"},
        {"read": "app.py", "as": "unsaved"},
        {"wait": str(looked)},
        {"write": "app.py", "text": "lost = 1\n"},
    ]
    nvim = acting(settings=AUTO, actor=[steps])
    nvim.edit(house.project / "a.py")
    nvim.edit(house.project / "app.py")
    run(nvim, "ZekeAgent actor look")
    answer(nvim, "1")
    nvim.wait_screen("at work")
    # It is not in front: a plugin changes it.
    nvim.lua("vim.api.nvim_buf_set_lines(vim.fn.bufnr('/app.py$'), 0, 0, true, { 'mine = 1' })")
    waits_for_a_key(nvim)
    begun.write_text("")
    looked.write_text("")
    assert (house.project / "a.py").read_text() == "written = 1\n"
    assert nvim.request("nvim_get_mode")["blocking"]
    nvim.feed("<Esc>")
    shows(nvim, "app.py has changes in Neovim that are not saved")
    nvim.wait_for("#require('zeke.review').list() == 1")
    assert (house.project / "app.py").read_text() == before
