"""One real agent, and the model that it asks: ours, by script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.agents.acp.around import Around
from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.native import STREAMED, Body
from tests.peers.agents.environment import program
from tests.peers.borrowed import UnavailableError
from zeke_bridge.agents.registry import Entry


class Model(FakeAnthropic):
    """Answers by script whoever offers tools; what an agent asks beside (titles) gets a word.

    Agents send more than the fake knows (betas, tools of the server), so it does not check it.
    """

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/messages", self._answer),
            web.post("/v1/messages/count_tokens", self._count),
        ]

    async def _count(self, _: web.Request) -> web.Response:
        return web.json_response({"input_tokens": 10})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body: Body = await request.json()
        self.requests.append(body)
        request[STREAMED] = bool(body.get("stream"))
        content: list[Body] = [{"type": "text", "text": "Well."}]
        if body.get("tools") and body.get("stream") and self.script:
            content = self.script.popleft()
        used = any(block["type"] == "tool_use" for block in content)
        ends = {"stop_reason": "tool_use" if used else "end_turn", "stop_sequence": None}
        if body.get("stream"):
            return await self._stream(request, str(body["model"]), content, ends)
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
        usage = {"input_tokens": 1, "output_tokens": 1}
        return web.json_response({**head, "content": content, "usage": usage, **ends})


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(key="sk-fake") as running:
        yield running


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    made = Around(tmp_path)
    try:
        yield made
    finally:
        await made.aclose()


@pytest.fixture
def claude(model: Model, tmp_path: Path) -> Callable[[], Entry]:
    """How the agent is started, in a home of its own."""
    try:
        found = program()
    except UnavailableError as reason:
        pytest.skip(f"no agent: {reason}")
    home = tmp_path / "home"
    home.mkdir()
    env = {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "ANTHROPIC_BASE_URL": model.base_url,
        "ANTHROPIC_API_KEY": "sk-fake",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        # Whoever runs the tests as root; elsewhere it changes nothing.
        "IS_SANDBOX": "1",
    }
    return lambda: Entry("claude", "Claude Code", (str(found),), env=tuple(env.items()))
