"""Gemini CLI with a model of ours: a whole turn of a second real agent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.acp.around import Around
from tests.peers.agents.conftest import GeminiModel
from zeke_bridge.agents.acp.host import connect
from zeke_bridge.agents.agent import Prompt
from zeke_bridge.agents.effects import Declared
from zeke_bridge.agents.registry import Entry

pytestmark = [pytest.mark.anyio, pytest.mark.peer, pytest.mark.once]

OLD, NEW = "def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"
# It goes on by itself with a command only after it was allowed; this one is refused.
RUN = "touch ran"


def call(name: str, **arguments: Any) -> list[dict[str, Any]]:
    return [{"functionCall": {"name": name, "args": arguments}}]


async def test_it_reads_and_edits_through_us_and_asks_before_it_runs(
    around: Around, gemini_model: GeminiModel, gemini: Entry
) -> None:
    # On disk stands something else: what the agent reads and writes is what we say it is.
    path = around.root / "app.py"
    path.write_text("unlike\n")
    around.effects.files[str(path)] = OLD
    edit = {"old_string": "a - b", "new_string": "a + b", "instruction": "Make it add."}
    gemini_model.script.extend(
        [
            call("read_file", file_path=str(path)),
            call("replace", file_path=str(path), **edit),
            [{"text": "It adds now."}],
        ]
    )
    agent = await connect(gemini.name, gemini, around.surroundings())
    around.agents.append(agent)
    assert {"default", "yolo"} <= {one["id"] for one in agent.opened.modes["availableModes"]}
    assert agent.opened.modes["currentModeId"] == "default"
    assert (await agent.prompt(Prompt("Make add add."))).reason == "end_turn"
    assert around.text.endswith("It adds now.")
    assert around.notices == []
    assert around.effects.files == {str(path): NEW}
    assert path.read_text() == "unlike\n"
    names = [what[0] for what in around.effects.done]
    assert names == ["read", "declared", "read", "write", "unmediated"]
    declared = around.effects.done[1][1]
    assert isinstance(declared, Declared)
    assert (declared.kind, declared.edits) == ("edit", ((str(path), OLD, NEW),))
    around.effects.allows = False
    gemini_model.script.append(call("run_shell_command", command=RUN, description="Run"))
    await agent.prompt(Prompt("Run it."))
    refused = around.effects.done[-1][1]
    assert (refused.kind, refused.title) == ("execute", RUN)
    assert not (around.root / "ran").exists()
