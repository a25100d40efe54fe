"""The tools of ``zeke mcp`` as the SDK's own client sees and calls them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import mcp_types as types
import pytest
from mcp import Client

from tests.mcp.conftest import FakeLink
from zeke_bridge.mcp import server as serving
from zeke_bridge.mcp.server import server
from zeke_bridge.model.errors import DeniedError

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["legacy", "auto"])
async def client(link: FakeLink, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    info = types.Implementation(name="tester", version="1")
    async with Client(server(link), mode=request.param, client_info=info) as made:
        yield made


def text(result: types.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    return block.text


async def test_it_offers_what_neovim_knows(client: Client) -> None:
    tools = {one.name: one for one in (await client.list_tools()).tools}
    assert set(tools) == {
        "list_buffers",
        "read_buffer",
        "get_selection",
        "get_diagnostics",
        "open_file",
        "propose_edit",
    }
    assert tools["read_buffer"].input_schema["required"] == ["path"]
    assert "ctx" not in tools["read_buffer"].input_schema["properties"]
    assert all(one.description and one.output_schema is None for one in tools.values())


async def test_it_asks_in_the_name_of_the_client(client: Client, link: FakeLink) -> None:
    link.known["text"] = {"path": "a.py", "text": "x = 1\n"}
    result = await client.call_tool("read_buffer", {"path": "a.py"})
    assert (text(result), result.is_error) == ("x = 1\n", False)
    assert link.asked == [("text", "tester", {"path": "a.py"})]


async def test_each_tool_says_what_it_was_told(client: Client, link: FakeLink) -> None:
    link.known = {
        "buffers": {"buffers": [{"path": "a.py"}]},
        "selection": {"path": "a.py", "text": "ü"},
        "diagnostics": {"diagnostics": ""},
        "open": {"opened": "a.py", "line": 2},
        "propose": {"state": "partly", "words": "1 of 2 changes were accepted."},
    }
    assert '"path": "a.py"' in text(await client.call_tool("list_buffers"))
    assert '"text": "ü"' in text(await client.call_tool("get_selection"))
    assert text(await client.call_tool("get_diagnostics")) == "There are none."
    opened = await client.call_tool("open_file", {"path": "a.py", "line": 2})
    assert text(opened) == "a.py is open at line 2."
    edits = [{"old_text": "a", "new_text": "b"}]
    told = await client.call_tool("propose_edit", {"path": "a.py", "edits": edits})
    assert text(told) == "1 of 2 changes were accepted."
    assert link.asked[-1][2] == {"path": "a.py", "text": None, "edits": edits}


async def test_a_refusal_is_an_error_of_the_tool(client: Client, link: FakeLink) -> None:
    link.known["text"] = DeniedError("You denied it.")
    result = await client.call_tool("read_buffer", {"path": "a.py"})
    assert result.is_error
    assert "You denied it." in text(result)
    link.known["propose"] = {"state": "denied", "words": "a.py was not written."}
    result = await client.call_tool("propose_edit", {"path": "a.py", "text": ""})
    assert result.is_error
    for wrong in ({"path": 3}, {}, {"path": "a.py", "line": 0}):
        assert (await client.call_tool("open_file", wrong)).is_error
    assert len(link.asked) == 2


async def test_a_call_that_is_given_up_is_withdrawn(client: Client, link: FakeLink) -> None:
    call = asyncio.create_task(client.call_tool("read_buffer", {"path": "a.py"}))
    await link.begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(30):
        await link.given_up.wait()


async def test_who_waits_for_the_person_hears_that_we_are_there(
    client: Client, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_ALIVE_S", 0.01)
    heard = asyncio.Event()

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        assert message == "Waiting for the person in Neovim."
        heard.set()

    call = asyncio.create_task(
        client.call_tool("read_buffer", {"path": "a.py"}, progress_callback=progress)
    )
    async with asyncio.timeout(30):
        await heard.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
