"""Real agents, and the models that they ask: ours, by script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from tests.agents.acp.around import Around
from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.gemini import FakeGemini
from tests.fakes.native import STREAMED, Body
from tests.peers.agents.environment import gemini as gemini_program
from tests.peers.agents.environment import program
from tests.peers.borrowed import UnavailableError
from zeke_bridge.agents.registry import Entry, entries


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


class GeminiModel(FakeGemini):
    """Answers by script whoever offers tools; what it asks beside (routing) gets a word."""

    async def _early(self, request: web.Request, *, stream: bool) -> web.StreamResponse | None:
        self.requests.append(await request.json())
        request[STREAMED] = stream
        return None

    def _said(self, body: Body) -> list[Body]:
        if body.get("tools") and self.script:
            parts: list[Body] = self.script.popleft()
            return parts
        return [{"text": "Well."}]


@pytest.fixture
def gemini_model() -> Iterator[GeminiModel]:
    with GeminiModel() as running:
        yield running


@pytest.fixture
def gemini(gemini_model: GeminiModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """Gemini CLI as the registry has it, in a home of its own."""
    try:
        found = gemini_program()
    except UnavailableError as reason:
        pytest.skip(f"no agent: {reason}")
    settings = tmp_path / "home" / ".gemini" / "settings.json"
    settings.parent.mkdir(parents=True)
    quiet = {
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
    }
    settings.write_text(json.dumps(quiet))
    monkeypatch.setenv("GEMINI_API_KEY", "sk-fake")
    env = {
        "HOME": str(tmp_path / "home"),
        "GEMINI_API_KEY": "sk-fake",
        "GEMINI_MODEL": "gemini-2.5-pro",
        "GOOGLE_GEMINI_BASE_URL": gemini_model.base_url,
    }
    ours = entries()["gemini"]
    return replace(ours, argv=(str(found), *ours.argv[1:]), env=tuple(env.items()))
