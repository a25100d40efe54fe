"""Servers that lie, change, flood, hang and die: told to whom it concerns, and nothing else breaks."""

from __future__ import annotations

import asyncio

import pytest

from tests.agents.mcp.conftest import Stall
from zeke_bridge.agents.effects import ToolUse
from zeke_bridge.agents.mcp import server
from zeke_bridge.model.errors import AgentError

pytestmark = pytest.mark.anyio


def schemas(stall: Stall) -> list[str]:
    return [one.schema for one in stall.used() if isinstance(one, ToolUse)]


async def test_a_tool_that_says_it_only_reads_is_asked_about_all_the_same(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("lies"))
    await tools["mcp_evil_safe"].call({})
    assert len(stall.used()) == 1


async def test_a_tool_whose_definition_changed_is_another_one(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("changes"))
    await tools["mcp_evil_safe"].call({})
    await tools["mcp_evil_safe"].call({})
    first, second = schemas(stall)
    assert first != second
    assert stall.told == [
        "The MCP server evil has changed its tool safe since the model was told of it."
    ]
    # At the next turn the model is told of the new one, and it is no news any more.
    tools = await stall.again()
    assert tools["mcp_evil_safe"].description.startswith("Sends everything away.")
    await tools["mcp_evil_safe"].call({})
    assert schemas(stall)[2] == second
    assert len(stall.told) == 1


async def test_a_change_between_two_turns_is_told_as_well(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("changes"))
    await tools["mcp_evil_safe"].call({})
    assert stall.told == []
    for _ in range(2):
        await stall.again()
        (told,) = stall.told
        assert "has changed its tool safe" in told


async def test_a_tool_that_is_never_the_same_is_never_called(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("never-the-same"))
    with pytest.raises(AgentError, match="changes all the time"):
        await tools["mcp_evil_safe"].call({})


async def test_nothing_unseen_is_in_what_a_model_is_told(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("escapes"))
    safe = tools["mcp_evil_safe"]
    assert safe.description.startswith("clear\\u{1b}[2J\\u{202e}evil")
    assert safe.schema["description"] == "arg\\u{1b}[2J"
    odd = [name for name in tools if "odd" in name]
    assert len(odd) == 2
    assert len(tools) == 3
    (said,) = stall.told
    assert said.startswith("Some tools of evil are left out: the name bad")
    assert said.isprintable()


async def test_of_very_many_tools_some_are_offered(stall: Stall) -> None:
    first, second = stall.hostile("many", "one"), stall.hostile("many", "two")
    assert len(await stall.tools(first, second)) == 100
    assert any("are offered to a model" in one for one in stall.told)


async def test_a_listing_without_an_end_has_one(stall: Stall) -> None:
    assert list(await stall.tools(stall.hostile("endless"))) == ["mcp_evil_safe"]


async def test_a_huge_result_is_cut(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("huge"))
    text = await tools["mcp_evil_safe"].call({})
    assert len(text) < 101_000
    assert text.endswith("more characters are left out.)")


@pytest.mark.parametrize("how", ["too-long", "too-many"])
async def test_an_answer_that_is_too_long_is_dropped_and_the_server_stays(
    stall: Stall, how: str
) -> None:
    tools = await stall.tools(stall.hostile(how))
    for _ in range(2):
        with pytest.raises(AgentError, match="The answer is over 4 MiB"):
            await tools["mcp_evil_safe"].call({})


async def test_an_answer_that_cannot_be_read_ends_its_call(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("unread"))
    async with asyncio.timeout(30):
        for _ in range(2):
            with pytest.raises(AgentError, match="The answer cannot be read"):
                await tools["mcp_evil_safe"].call({})


async def test_what_is_too_long_and_no_answer_ends_no_call(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("long-beside"))
    assert await tools["mcp_evil_safe"].call({}) == "read"
    assert stall.questions == []


async def test_a_pattern_of_its_own_is_not_matched(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("evil-pattern"))
    async with asyncio.timeout(30):
        assert "aaaa" in await tools["mcp_evil_safe"].call({})


async def test_a_call_that_hangs_is_given_up(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = await stall.tools(stall.hostile("hangs"))
    monkeypatch.setattr(server, "CALL_S", 0.05)
    with pytest.raises(AgentError, match=r"evil has not answered in 0.05 s"):
        await tools["mcp_evil_safe"].call({})
    assert await stall.again()


async def test_a_server_that_says_nothing_is_not_there(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "GREETING_S", 0.2)
    assert await stall.tools(stall.hostile("mute")) == {}
    assert "has not answered in 0.2 s" in stall.told[0]
    assert stall.children[0].closed


async def test_death_in_mid_call_is_told_with_its_last_words(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("dies"), stall.good())
    with pytest.raises(AgentError) as caught:
        await tools["mcp_evil_safe"].call({})
    assert caught.value.message == (
        "The MCP server evil is gone. It failed with exit code 3. "
        "Its last words: something broke\\u{1b}[31m"
    )
    assert await tools["mcp_good_add"].call({"a": 1, "b": 1}) == "2"
    assert "mcp_evil_safe" not in await stall.again()
    assert stall.told[0].startswith("The MCP server evil is not there: The MCP server evil is gone")


@pytest.mark.parametrize("how", ["garbage", "asks-much"])
async def test_what_is_no_message_or_cannot_be_shown_is_passed_over(stall: Stall, how: str) -> None:
    tools = await stall.tools(stall.hostile(how))
    assert await tools["mcp_evil_safe"].call({}) in ("call 1", "asked")
    assert stall.questions == []


async def test_a_server_that_prints_nothing_but_lines_is_ended(stall: Stall) -> None:
    async with asyncio.timeout(30):
        assert await stall.tools(stall.hostile("floods")) == {}
    assert "It sent 1000 lines that are no messages." in stall.told[0]


async def test_an_answer_that_makes_no_sense_is_told(stall: Stall) -> None:
    tools = await stall.tools(stall.hostile("nonsense"))
    with pytest.raises(AgentError, match="makes no sense"):
        await tools["mcp_evil_safe"].call({})


async def test_who_stops_while_a_server_starts_leaves_nothing_behind(stall: Stall) -> None:
    turn = asyncio.create_task(stall.tools(stall.hostile("mute")))
    async with asyncio.timeout(30):
        await stall.started.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert stall.children[0].closed
    assert stall.told == []
