"""``zeke mcp`` before a real broker and a real Neovim, driven by the SDK's own client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import mcp_types as types
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, connected, done, notices, run
from tests.fakes.house import House

ASKING = {"ghostllm": {"auto_approve_read": False}}
PATIENCE = 30.0
SERVER = Path(__file__).parents[1] / "agents" / "mcp" / "server.py"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


class Caller:
    """A client of MCP beside the test, which plays the person meanwhile."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal = portal
        self._client = client

    def begin(self, tool: str, **given: Any) -> Future[types.CallToolResult]:
        return self._portal.start_task_soon(self._client.call_tool, tool, given)

    def result(self, tool: str, **given: Any) -> types.CallToolResult:
        return self.begin(tool, **given).result(PATIENCE)

    def text(self, tool: str, **given: Any) -> str:
        result = self.result(tool, **given)
        assert not result.is_error, result
        return text(result)

    def error(self, tool: str, **given: Any) -> str:
        result = self.result(tool, **given)
        assert result.is_error, result
        return text(result)


def text(result: types.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    return block.text


@contextmanager
def calling(server: Any, name: str = "tester") -> Iterator[Caller]:
    info = types.Implementation(name=name, version="1")
    with start_blocking_portal("asyncio") as portal:
        client = Client(server, client_info=info)
        with portal.wrap_async_context_manager(client) as entered:
            yield Caller(portal, entered)


@pytest.fixture
def caller(house: House) -> Iterator[Caller]:
    """Over standard input and output."""
    words = ["-m", "zeke_bridge", "mcp", "--project", str(house.project)]
    started = StdioServerParameters(command=sys.executable, args=words, env=house.environment)
    with calling(started) as made:
        yield made


@asynccontextmanager
async def with_token(url: str, token: str) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        streamable_http_client(url, http_client=http) as streams,
    ):
        yield streams


def answered(nvim: Nvim, key: str) -> None:
    """The person goes to the question, which does not come to them while they may be typing."""
    nvim.wait_screen("tester (MCP client)")
    run(nvim, "Zeke prompt")
    answer(nvim, key)


def test_without_a_neovim_there_is_a_sentence(caller: Caller) -> None:
    assert "No Neovim" in caller.error("list_buffers")


def test_what_neovim_knows(editor: Opener, caller: Caller) -> None:
    nvim = connected(editor("app.py", "a.py"))
    nvim.feed("ggOnot_saved = 1<Esc>")
    nvim.wait_for("vim.bo.modified")
    told = json.loads(caller.text("list_buffers"))
    (front,) = [one for one in told["buffers"] if one["current"]]
    assert (front["path"], front["modified"]) == ("app.py", True)
    assert caller.text("read_buffer", path="app.py").startswith("not_saved = 1\ndef total")

    nvim.feed("jVj")
    nvim.wait_for("vim.fn.mode() == 'V'")
    chosen = json.loads(caller.text("get_selection"))
    assert (chosen["path"], chosen["first_line"], chosen["last_line"]) == ("app.py", 2, 3)
    assert chosen["text"] == "def total(values):\n    result = 0"
    assert "typing" in caller.error("open_file", path="a.py", line=2)
    nvim.feed("<Esc>")

    assert caller.text("get_diagnostics") == "There are none."
    nvim.lua(
        "vim.diagnostic.set(vim.api.nvim_create_namespace('t'), 0, "
        "{ { lnum = 1, col = 0, message = 'is odd', severity = 2 } })"
    )
    assert caller.text("get_diagnostics") == "app.py:2:1: warn: is odd"
    assert caller.text("get_diagnostics", path="app.py") == "app.py:2:1: warn: is odd"

    assert caller.text("open_file", path="a.py", line=2) == "a.py is open at line 2."
    nvim.wait_for("vim.fn.expand('%:t') == 'a.py' and vim.fn.line('.') == 2")


def test_the_person_is_asked_in_the_clients_name(
    editor: Opener, house: House, caller: Caller
) -> None:
    nvim = connected(editor(settings=ASKING))
    reading = caller.begin("read_buffer", path="app.py")
    answered(nvim, "d")
    assert reading.result(PATIENCE).is_error
    reading = caller.begin("read_buffer", path="app.py")
    answered(nvim, "2")
    assert text(reading.result(PATIENCE)).startswith("def total")
    # For this session that was; the file is told again without a question.
    assert caller.text("read_buffer", path="app.py").startswith("def total")
    # A secret is asked about all the same, and what is given up is withdrawn.
    (house.project / ".env").write_text("KEY=1\n")
    secret = caller.begin("read_buffer", path=".env")
    nvim.wait_screen("tester (MCP client)")
    secret.cancel()
    nvim.wait_gone("tester (MCP client)")


def test_an_edit_is_looked_at_before_it_is_written(
    editor: Opener, house: House, caller: Caller
) -> None:
    nvim = connected(editor())
    file = house.project / "app.py"
    before = file.read_text()
    edits = [{"old_text": "    result = 0", "new_text": "    result = 10"}]
    proposing = caller.begin("propose_edit", path="app.py", edits=edits)
    nvim.wait_event("ZekeTaskPatch")
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
    assert file.read_text() == before
    accept(nvim)
    answer(nvim, "1")
    result = proposing.result(PATIENCE)
    assert not result.is_error, result
    assert file.read_text() == before.replace("result = 0", "result = 10")


def test_over_http_for_who_has_the_token(editor: Opener, house: House) -> None:
    connected(editor())
    words = [sys.executable, "-m", "zeke_bridge", "mcp", "--http", "--port", "0"]
    with subprocess.Popen(
        [*words, "--project", str(house.project)],
        env=house.environment | {"PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stderr is not None
        said = served.stderr.readline().split()
        try:
            url, file = said[3].rstrip("."), house.state / "mcp-token"
            token = file.read_text().strip()
            assert file.stat().st_mode & 0o777 == 0o600
            assert token in " ".join(said)
            assert httpx2.post(url, json={}, trust_env=False).status_code == 401
            with calling(with_token(url, token), "over-http") as caller:
                assert caller.text("read_buffer", path="app.py").startswith("def total")
        finally:
            served.terminate()
            served.wait(PATIENCE)


def called(name: str, **arguments: Any) -> list[dict[str, Any]]:
    """The chunks of an answer that calls a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    made = {"index": 0, "id": "call_1", "type": "function", "function": function}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "echo"}
    return [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": [made]}}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]


@pytest.mark.parametrize("command", ["ZekeAgent zeke what is 2 + 3?", "ZekeChat what is 2 + 3?"])
def test_the_assistant_uses_a_server_of_the_persons(
    editor: Opener, house: House, command: str
) -> None:
    argv = [sys.executable, str(SERVER)]
    settings = {
        "default_model": "openai:echo",
        "mcp": {
            "sums": {"command": argv, "env": {"PYTHONDONTWRITEBYTECODE": "1"}},
            "broken": {"command": [sys.executable, "-c", "raise SystemExit(3)"]},
        },
    }
    nvim = editor(settings=settings)
    house.provider.script.append(called("mcp_sums_add", a=2, b=3))
    house.provider.script.append("It is five.")
    run(nvim, command)
    for _ in range(2):
        nvim.wait_screen("(MCP server) wants to")
        answer(nvim, "1")
    nvim.wait_screen("sums/add")
    answer(nvim, "1")
    done(nvim)
    nvim.wait_screen("It is five.")
    offered, told = house.provider.requests[-2:]
    assert "mcp_sums_add" in {one["function"]["name"] for one in offered["tools"]}
    assert [one["content"] for one in told["messages"] if one["role"] == "tool"] == ["5"]
    assert any("broken is not there" in line for line in notices(nvim))
