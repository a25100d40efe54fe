"""The assistant as an agent, with a real core whose provider speaks OpenAI's stream of tool calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agents.loop.conftest import APP, check
from tests.fakes.effects import FakeEffects, Heard
from tests.fakes.provider import FakeProvider
from zeke_bridge.agents.agent import Image, Prompt, Question, Reply, Surroundings
from zeke_bridge.agents.child import Child, Launch
from zeke_bridge.agents.loop.assistant import Assistant
from zeke_bridge.agents.loop.limits import Limits
from zeke_bridge.agents.loop.tool import Rewritten
from zeke_bridge.client.core import CoreClient
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.serving import serve_unix
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Audience, Message, Receipt

pytestmark = pytest.mark.anyio


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider() as running:
        yield running


@pytest.fixture
async def client(fake: FakeProvider, tmp_path: Path) -> AsyncIterator[CoreClient]:
    """A core with one provider."""
    far = ProviderConfig("far", fake.base_url, preferred="echo")
    place = tmp_path.parent / f"{tmp_path.name}-core"
    place.mkdir()
    config = GhostConfig(("far",), {"far": far})
    core = build_core(config, KeyFile(place / "auth.json"))
    served = await serve_unix(core.app, place / "core.sock")
    made = CoreClient(socket_path=place / "core.sock")
    yield made
    await made.aclose()
    await served.aclose()
    await core.aclose()


async def nobody(_what: Question) -> Reply:
    raise AssertionError("nobody is asked")


async def nothing(_what: Launch) -> Child:
    raise AssertionError("nothing is started")


async def rewrite(_path: str, text: str, _instruction: str) -> Rewritten:
    return Rewritten(text.replace("sum(xs)", "0"), Receipt())


def assistant(client: CoreClient, effects: FakeEffects, heard: Heard, model: str) -> Assistant:
    root = str(effects.root)
    around = Surroundings(root, root, effects, heard, nobody, nothing, lambda _why: None)
    return Assistant(around, client.chat, Limits(), lambda: Audience(model), rewrite=rewrite)


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}


def stream(*calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Calls in the pieces in which OpenAI sends them."""
    chunks = [chunk(role="assistant", content=None)]
    for index, (name, given) in enumerate(calls):
        said = json.dumps(given)
        head = {"index": index, "id": f"call_{name}_{index}", "type": "function"}
        chunks.append(chunk(tool_calls=[{**head, "function": {"name": name, "arguments": ""}}]))
        chunks += [
            chunk(tool_calls=[{"index": index, "function": {"arguments": said[at : at + 7]}}])
            for at in range(0, len(said), 7)
        ]
    usage = {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}
    return [*chunks, chunk("tool_calls"), {**chunk(), "choices": [], "usage": usage}]


async def test_by_tool_calls(client: CoreClient, fake: FakeProvider, effects: FakeEffects) -> None:
    heard = Heard()
    agent = assistant(client, effects, heard, "far:echo")
    edit = {"old_text": "sum(xs)", "new_text": "0"}
    fake.script.append(stream(("read_file", {"path": "app.py"}), ("list_files", {})))
    fake.script.append(stream(("edit_file", {"path": "app.py", "edits": [edit]})))
    fake.script.append("It returns 0 now.")
    stop = await agent.prompt(Prompt("Let total return 0."))
    assert stop.reason == "end_turn"
    assert (effects.root / "app.py").read_text() == APP.replace("sum(xs)", "0")
    assert heard.text() == "It returns 0 now."
    assert stop.receipt is not None
    assert stop.receipt.provider == "far"
    assert stop.receipt.usage.total_tokens > 200
    check(agent.messages)
    sent = fake.requests[-1]["messages"]
    assert [turn["role"] for turn in sent] == [
        *("system", "user", "assistant", "tool", "tool", "assistant", "tool")
    ]
    assert sent[3]["tool_call_id"] == sent[2]["tool_calls"][0]["id"] == "call_read_file_0"


async def test_by_steps_where_the_provider_says_it_has_no_tools(
    client: CoreClient, fake: FakeProvider, effects: FakeEffects
) -> None:
    fake.described["echo"] = {"capabilities": {"supports": {"tool_calls": False}}}
    await client.models()
    heard = Heard()
    agent = assistant(client, effects, heard, "far:echo")
    fake.script += [
        json.dumps({"tool": "edit_file", "arguments": {"path": "app.py", "instruction": "0"}}),
        json.dumps({"tool": "answer", "arguments": {"text": "Done."}}),
    ]
    stop = await agent.prompt(Prompt("Let total return 0."))
    assert stop.reason == "end_turn"
    assert (effects.root / "app.py").read_text() == APP.replace("sum(xs)", "0")
    assert heard.text() == "Done."
    check(agent.messages)


async def test_stopped_in_the_middle_it_goes_on(
    client: CoreClient, fake: FakeProvider, effects: FakeEffects
) -> None:
    effects.holds = {"write"}
    agent = assistant(client, effects, Heard(), "far:echo")
    fake.script.append(stream(("create_file", {"path": "b.py", "text": "x = 1\n"})))
    work = asyncio.create_task(agent.prompt(Prompt("Make b.py.")))
    async with asyncio.timeout(20):
        await effects.reached.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    check(agent.messages)
    fake.script.append("Ok.")
    assert (await agent.prompt(Prompt("Leave it."))).reason == "end_turn"
    check(agent.messages)


async def test_a_talk_of_another_session_goes_on(
    client: CoreClient, fake: FakeProvider, effects: FakeEffects
) -> None:
    agent = assistant(client, effects, Heard(), "far:echo")
    fake.script += ["Apple.", "A fruit."]
    talk = (Message("user", "The word is apple."), Message("assistant", "Yes."))
    await agent.prompt(Prompt("Which word?", before=talk))
    await agent.prompt(Prompt("What is it?", before=(*talk, Message("user", "of the chat"))))
    assert [turn["content"] for turn in fake.requests[-1]["messages"][1:]] == [
        *("The word is apple.", "Yes.", "Which word?", "Apple.", "What is it?")
    ]


async def test_what_it_does_not_have(client: CoreClient, effects: FakeEffects) -> None:
    agent = assistant(client, effects, Heard(), "far:echo")
    assert agent.opened.title == "Zeke"
    assert not agent.opened.image
    assert await agent.known() == ()
    with pytest.raises(InputError, match="no pictures"):
        await agent.prompt(Prompt("See", (Image("image/png", ""),)))
    with pytest.raises(InputError, match="no modes"):
        await agent.set_mode("x")
    with pytest.raises(InputError, match="no option"):
        await agent.set_config("x", True)
    assert agent.messages == []
    await agent.aclose()
