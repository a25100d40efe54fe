"""An agent that talks as fast as it can, in a real Neovim with a real broker."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import REPOSITORY
from tests.e2e.person import answer, done, run
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

ACTOR = REPOSITORY / "tests" / "agents" / "acp" / "actor.py"


def test_a_flood_of_updates_arrives_whole_and_in_order(house: House, editor: Opener) -> None:
    steps: list[dict[str, Any]] = []
    told = []
    for number in range(200):
        steps += [{"say": f"line {number} "}, {"think": "so "}, {"say": "of it\n"}]
        told.append(f"line {number} of it")
        if number % 10 == 0:
            call = {"toolCallId": f"c{number}", "status": "completed"}
            begun = {"sessionUpdate": "tool_call", **call, "title": f"Call {number}"}
            steps += [{"update": begun}, {"update": {"sessionUpdate": "tool_call_update", **call}}]
            told.append(f"▸ Call {number}")
    script = house.base / "talker.json"
    script.write_text(json.dumps({"prompts": [steps]}))
    talker = {"command": [sys.executable, str(ACTOR), str(script)]}
    nvim = editor(settings={"agents": {"talker": talker}})
    with never_stalls(nvim):
        run(nvim, "ZekeAgent talker talk")
        answer(nvim, "1")
        assert done(nvim)["stop_reason"] == "end_turn"
        nvim.settle()
    assert [line for line in nvim.lines() if line.startswith(("line", "▸"))] == told
