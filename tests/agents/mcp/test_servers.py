"""The person's MCP servers as tools: a good one by the SDK, and what each call is asked as."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from tests.agents.mcp.conftest import Stall
from zeke_bridge.agents.agent import Reply
from zeke_bridge.agents.effects import ToolUse
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.model.errors import AgentError, DeniedError

pytestmark = pytest.mark.anyio

Tools = dict[str, ForeignTool]


async def test_all_pages_of_its_tools_are_offered_under_names_that_providers_take(
    stall: Stall,
) -> None:
    tools = await stall.tools(stall.good("my server"))
    assert set(tools) >= {"mcp_my_server_add", "mcp_my_server_environment"}
    add = tools["mcp_my_server_add"]
    assert add.description == "Add two numbers.\n(of the MCP server my server)"
    assert add.schema["properties"] == {"a": {"type": "integer"}, "b": {"type": "integer"}}
    assert stall.told == []


async def test_a_call_is_asked_by_server_tool_and_definition_before_it_is_made(
    stall: Stall,
) -> None:
    wanted = stall.good()
    tools = await stall.tools(wanted)
    assert await tools["mcp_good_add"].call({"a": 2, "b": 3}) == "5"
    (use,) = stall.used()
    assert isinstance(use, ToolUse)
    assert (use.server, use.tool, use.arguments) == ("good", "add", {"a": 2, "b": 3})
    argv = json.dumps([*wanted.launch.argv])
    assert use.fingerprint == hashlib.sha256(argv.encode()).hexdigest()
    assert len(use.schema) == 64


async def test_what_is_denied_is_not_called(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("good", "counts"))
    stall.effects.denied.add("use_tool")
    with pytest.raises(DeniedError):
        await tools["mcp_counts_safe"].call({})
    stall.effects.denied.clear()
    assert await tools["mcp_counts_safe"].call({}) == "call 1"


async def _each_kind_of_content_becomes_text(stall: Stall, tools: Tools) -> None:
    text = await tools["mcp_good_everything"].call({})
    assert text.splitlines() == [
        "plain",
        "(A picture, image/png, of 3 bytes: it cannot be shown here.)",
        "(A resource: notes, at file:///notes.txt.)",
        "(The resource file:///a.txt:)",
        "inside",
        "{",
        '  "answer": 42',
        "}",
    ]


async def _what_the_tool_calls_an_error_is_told_as_one(stall: Stall, tools: Tools) -> None:
    with pytest.raises(AgentError, match="fail failed: it is broken"):
        await tools["mcp_good_fail"].call({})
    # The server says this one itself: an argument is missing.
    with pytest.raises(AgentError, match="The MCP server good says"):
        await tools["mcp_good_add"].call({})


async def _its_roots_are_the_project_and_it_gets_no_model(stall: Stall, tools: Tools) -> None:
    assert await tools["mcp_good_where"].call({}) == f"['{stall.root.as_uri()}']"
    with pytest.raises(AgentError):
        await tools["mcp_good_sample"].call({})


async def _what_it_wants_to_know_is_put_to_the_person(stall: Stall, tools: Tools) -> None:
    stall.reply = Reply("accept", {"name": "Ada"})
    assert json.loads(await tools["mcp_good_greet"].call({})) == ["accept", {"name": "Ada"}]
    (question,) = stall.questions
    assert question.message == "good (MCP server): Who are you?"
    assert question.schema["properties"] == {"name": {"type": "string"}}
    stall.reply = Reply("decline")
    assert json.loads(await tools["mcp_good_greet"].call({})) == ["decline", None]


# One server for all of it: its start is most of each.
async def test_what_a_good_server_says_and_wants(stall: Stall) -> None:
    tools = await stall.tools(stall.good())
    for check in (
        _each_kind_of_content_becomes_text,
        _what_the_tool_calls_an_error_is_told_as_one,
        _its_roots_are_the_project_and_it_gets_no_model,
        _what_it_wants_to_know_is_put_to_the_person,
    ):
        await check(stall, tools)


async def test_a_server_that_knows_only_the_newest_protocol_is_spoken_to_in_it(
    stall: Stall,
) -> None:
    tools = await stall.tools(stall.hostile("modern"))
    assert stall.told == []
    stall.reply = Reply("accept", {"name": "Ada"})
    said = json.loads(await tools["mcp_evil_safe"].call({}))
    assert said == ["s", {"action": "accept", "content": {"name": "Ada"}}]


async def test_a_server_is_started_once_and_ended_with_its_owner(stall: Stall) -> None:
    first = await stall.tools(stall.good())
    assert await stall.again() is not first
    assert len(stall.launched) == 1
    await stall.servers.aclose()
    assert stall.children[0].closed
    with pytest.raises(AgentError, match="is not there any more"):
        await first["mcp_good_add"].call({"a": 1, "b": 1})


async def test_a_server_that_may_not_be_started_is_said_once_and_the_others_stay(
    stall: Stall,
) -> None:
    denied = stall.good("denied")
    good = stall.good()
    stall.denied = True
    assert await stall.tools(denied) == {}
    assert await stall.again() == {}
    assert stall.told == [
        "The MCP server denied is not there: You said no. Zeke works on without its tools."
    ]
    stall.denied = False
    assert "mcp_good_add" in await stall.tools(stall.hostile("old"), good)
    assert len(stall.told) == 2


def test_the_sdk_is_not_loaded_before_a_server_is_wanted() -> None:
    code = (
        "import sys; import zeke_bridge.broker.broker, zeke_bridge.agents.mcp.servers, "
        "zeke_bridge.broker.agents.foreign; "
        "print({'mcp', 'mcp_types', 'uvicorn', 'starlette'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
