"""Claude Code by its ACP adapter, with a model of ours: a whole turn of a real agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.agents.acp.around import Around
from tests.peers.agents.conftest import Model
from zeke_bridge.agents.acp.host import connect
from zeke_bridge.agents.agent import Agent, Prompt
from zeke_bridge.agents.effects import Command, Declared
from zeke_bridge.agents.registry import Entry

pytestmark = [pytest.mark.anyio, pytest.mark.peer]

OLD, NEW = "def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"
TESTS = "python -m pytest -q"


async def opened(around: Around, entry: Entry) -> Agent:
    agent = await connect(entry.name, entry, around.surroundings())
    around.agents.append(agent)
    return agent


def use(number: int, name: str, **arguments: Any) -> list[dict[str, Any]]:
    block = {"type": "tool_use", "id": f"toolu_{number}", "name": f"mcp__acp__{name}"}
    return [{**block, "input": arguments}]


async def test_it_reads_edits_and_runs_through_us(
    around: Around, model: Model, claude: Callable[[], Entry]
) -> None:
    # The file is nowhere but in our memory: what the agent knows of it came through us.
    path = str(around.root / "app.py")
    around.effects.files[path] = OLD
    model.script.extend(
        [
            use(1, "Read", file_path=path),
            use(2, "Edit", file_path=path, old_string="a - b", new_string="a + b"),
            use(3, "Bash", command=TESTS, timeout=5000, description="Run the tests"),
            [{"type": "text", "text": "It adds now."}],
        ]
    )
    agent = await opened(around, claude())
    stop = await agent.prompt(Prompt("Make add add, and run the tests."))
    assert stop.reason == "end_turn"
    assert around.text.endswith("It adds now.")
    assert around.notices == []
    assert around.effects.files == {path: NEW}
    done = [what for what in around.effects.done if what[0] != "declared"]
    command = Command(("sh", "-c", TESTS), str(around.root), (("CLAUDECODE", "1"),), 32000)
    assert done == [
        ("read", path),
        ("read", path),
        ("write", path, NEW),
        ("unmediated", path, 1, 1),
        ("start", command),
    ]
    edit, run = (what[1] for what in around.effects.done if what[0] == "declared")
    assert isinstance(edit, Declared)
    assert (edit.kind, edit.edits) == ("edit", ((path, "a - b", "a + b"),))
    assert (run.kind, run.argv) == ("execute", ("sh", "-c", TESTS))


async def test_what_is_denied_is_told_to_its_model(
    around: Around, model: Model, claude: Callable[[], Entry]
) -> None:
    path = str(around.root / "app.py")
    around.effects.deny = True
    model.script.extend(
        [use(1, "Read", file_path=path), [{"type": "text", "text": "Then I stop."}]]
    )
    agent = await opened(around, claude())
    assert (await agent.prompt(Prompt("Look."))).reason == "end_turn"
    results = [
        block
        for request in model.requests
        for message in request["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result"
    ]
    assert "The person said no." in str(results)


async def test_its_modes_and_models_are_offered_and_set(
    around: Around, claude: Callable[[], Entry]
) -> None:
    agent = await opened(around, claude())
    assert agent.opened.image
    modes = [one["id"] for one in agent.opened.modes["availableModes"]]
    assert {"default", "plan"} <= set(modes)
    await agent.set_mode("plan")
    (option,) = agent.opened.config
    value = option["options"][-1]["value"]
    (option,) = await agent.set_config(option["id"], value)
    assert option["currentValue"] == value
