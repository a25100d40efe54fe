"""Two sessions with one agent, in a real Neovim with a real broker: each by its own name."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Acting
from tests.e2e.person import answer, run
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")


def test_two_sessions_with_one_agent_are_told_apart(acting: Acting, house: House) -> None:
    far = house.base / "far.py"
    steps = [[{"write": str(far), "text": "far\n"}, {"run": ["true"]}]]
    nvim = acting(actor=steps)
    run(nvim, "ZekeAgent actor")
    answer(nvim, "1")
    run(nvim, "ZekeAgent! actor go on")
    nvim.wait_screen("actor 2 (agent) wants to")
    nvim.wait_screen("Esc denies")
    nvim.feed("1")
    nvim.wait_screen("outside the project: ")
    listed = "\n".join(nvim.lines(nvim.lua("return vim.fn.winbufnr(1)")))
    assert listed.startswith("actor 2 wants to change\n")
    assert "\n    outside the project\n" in listed
    nvim.feed("gR")
    answer(nvim, "1")
    nvim.wait_screen("Zeke: actor 2")
    nvim.wait_screen("Files: 1 rejected")
    assert not far.exists()
