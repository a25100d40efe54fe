"""What a command loads before it does its own: a person waits for all of it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.fakes.house import REPOSITORY

_ASK = "import json, sys\nimport {}\nprint(json.dumps(sorted(sys.modules)))"
_SHAPES = """
import json, pydantic
given = pydantic.ConfigDict
from zeke_bridge.agents.acp import host
from zeke_bridge.agents.acp.sdk import schema
shapes = [one for one in vars(schema).values() if isinstance(one, type)]
shapes = [one for one in shapes if issubclass(one, schema.BaseModel)]
ready = [one.__name__ for one in shapes if one.__pydantic_complete__]
print(json.dumps([len(shapes), len(ready), pydantic.ConfigDict is given]))
"""


def _said(code: str) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    found: list[object] = json.loads(done.stdout)
    return found


def test_the_command_line_loads_neither_the_broker_nor_what_only_one_command_needs() -> None:
    loaded = _said(_ASK.format("zeke_bridge.cli.tree"))
    heavy = ("acp", "mcp", "pydantic", "httpx", "rich", "asyncio", "zeke_bridge.app.serving")
    assert [name for name in heavy if name in loaded] == []


def test_the_broker_starts_without_what_the_first_question_needs() -> None:
    loaded = _said(_ASK.format("zeke_bridge.cli.broker"))
    heavy = ("acp", "mcp", "pydantic", "httpx", "aiohttp", "starlette", "typer", "rich")
    ours = ("agents.agent", "broker.jobs", "broker.review", "model.stats", "workspace.patch")
    wrong = {*heavy, *(f"zeke_bridge.{name}" for name in ours)}
    assert wrong.isdisjoint(loaded)


def test_the_shapes_of_acp_are_prepared_when_they_are_used() -> None:
    shapes, ready, unchanged = _said(_SHAPES)
    assert isinstance(shapes, int)
    assert isinstance(ready, int)
    assert shapes > 100
    assert ready < shapes / 4
    assert unchanged is True
