"""What a session offers, how one is opened, logged in to, loaded again and closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.agents.acp.around import WAIT_S, Around
from zeke_bridge.agents.acp import host
from zeke_bridge.agents.agent import Image, Known, Prompt, Stop
from zeke_bridge.agents.registry import Entry
from zeke_bridge.model.errors import AgentError, InputError, ProcessError

pytestmark = pytest.mark.anyio

GO = Prompt("go")


async def test_modes_options_and_models_are_offered_and_set(around: Around) -> None:
    modes = {
        "currentModeId": "ask",
        "availableModes": [{"id": "ask", "name": "Ask\n"}, {"id": "code", "name": "Code"}],
    }
    choices = [{"value": "lo", "name": "Low"}, {"value": "hi", "name": "High"}]
    config = [
        {
            "id": "effort",
            "name": "Effort",
            "type": "select",
            "currentValue": "lo",
            "options": choices,
        },
        {"id": "fast", "name": "Fast", "type": "boolean", "currentValue": False},
    ]
    agent = await around.actor({"modes": modes, "config": config, "sdk": True})
    assert agent.opened.modes["availableModes"][0] == {"id": "ask", "name": "Ask\\u{a}"}
    assert list(agent.opened.config) == config
    await agent.set_mode("code")
    assert around.says == [{"sessionUpdate": "current_mode_update", "currentModeId": "code"}]
    changed = await agent.set_config("effort", "hi")
    assert [one["currentValue"] for one in changed] == ["hi", False]
    changed = await agent.set_config("fast", True)
    assert [one["currentValue"] for one in changed] == ["hi", True]
    with pytest.raises(AgentError, match="Tester says: Invalid params: no such mode"):
        await agent.set_mode("none")


async def test_models_of_older_agents_are_an_option(around: Around) -> None:
    models = {
        "currentModelId": "m1",
        "availableModels": [{"modelId": "m1", "name": "One"}, {"modelId": "m2", "name": "Two"}],
    }
    answer = (
        '{"jsonrpc":"2.0","id":$ID,"result":{"sessionId":"s1","models":{"currentModelId":"m1",'
        '"availableModels":[{"modelId":"m1","name":"One"},{"modelId":"m2","name":"Two"}]}}}'
    )
    done = '{"jsonrpc":"2.0","id":$ID,"result":{}}'
    agent = await around.hostile({"session/new": [answer], "session/set_model": [done]})
    (option,) = agent.opened.config
    assert option["currentValue"] == models["currentModelId"]
    assert [one["value"] for one in option["options"]] == ["m1", "m2"]
    (option,) = await agent.set_config(option["id"], "m2")
    assert option["currentValue"] == "m2"


async def test_sessions_are_listed_page_by_page_for_this_directory(around: Around) -> None:
    here, there = str(around.root), "/elsewhere"
    pages = [
        [{"sessionId": "1", "cwd": here, "title": "One", "updatedAt": "2026-01-01T00:00:00Z"}],
        [{"sessionId": "2", "cwd": there}, {"sessionId": "3", "cwd": here, "title": None}],
    ]
    capabilities = {"sessionCapabilities": {"list": {}}}
    agent = await around.actor({"sessions": pages, "capabilities": capabilities, "sdk": True})
    assert list(await agent.known()) == [
        Known("1", "One", "2026-01-01T00:00:00Z", here),
        Known("3", "", "", here),
    ]


async def test_one_that_keeps_no_list_has_none(around: Around) -> None:
    agent = await around.actor({})
    assert list(await agent.known()) == []


async def test_a_session_is_loaded_and_what_was_before_is_told_again(around: Around) -> None:
    diff = {"type": "diff", "path": "{cwd}/a", "oldText": "1", "newText": "2"}
    replay = [
        {"sessionUpdate": "user_message_chunk", "content": {"type": "text", "text": "q"}},
        {
            "sessionUpdate": "tool_call",
            "toolCallId": "c",
            "title": "Edit",
            "kind": "edit",
            "status": "completed",
            "content": [diff],
        },
    ]
    agent = await around.actor(
        {"replay": replay, "capabilities": {"loadSession": True}, "sdk": True}, resume="old-1"
    )
    assert (agent.opened.id, agent.opened.resumed) == ("old-1", True)
    assert [one["sessionUpdate"] for one in around.says] == ["user_message_chunk", "tool_call"]
    assert around.effects.done == []


async def test_a_session_is_resumed_without_being_told_again(around: Around) -> None:
    capabilities = {"sessionCapabilities": {"resume": {}}}
    agent = await around.actor({"capabilities": capabilities}, resume="old-1")
    assert (agent.opened.id, agent.opened.resumed) == ("old-1", True)


async def test_one_that_cannot_resume_begins_anew(around: Around) -> None:
    agent = await around.actor({}, resume="old-1")
    assert (agent.opened.id, agent.opened.resumed) == ("actor-1", False)


async def test_it_is_told_that_its_session_is_closed(around: Around) -> None:
    mark = around.root.parent / "closed"
    capabilities = {"sessionCapabilities": {"close": {}}}
    agent = await around.actor({"closed": str(mark), "capabilities": capabilities})
    await agent.aclose()
    assert mark.read_text() == "actor-1"
    assert around.closed == []


async def test_pictures_go_to_those_who_take_them(around: Around) -> None:
    picture = Prompt("what is this?", (Image("image/png", "aGk="),))
    agent = await around.actor({})
    with pytest.raises(InputError, match="Tester cannot take pictures"):
        await agent.prompt(picture)
    seeing = await around.actor({"capabilities": {"promptCapabilities": {"image": True}}})
    assert seeing.opened.image
    assert await seeing.prompt(picture) == Stop("end_turn")


async def test_what_a_turn_used_is_summed_up(around: Around) -> None:
    usage = {"totalTokens": 12, "inputTokens": 9, "outputTokens": 3, "cachedReadTokens": 4}
    agent = await around.actor({"usage": usage})
    stop = await agent.prompt(GO)
    assert stop.receipt is not None
    used = stop.receipt.usage
    assert (used.prompt_tokens, used.completion_tokens, used.total_tokens) == (9, 3, 12)
    assert used.cached_tokens == 4
    assert not stop.receipt.cost.known


async def test_what_a_turn_cost_is_what_the_session_costs_more(around: Around) -> None:
    def costs(amount: float, currency: str = "USD") -> dict[str, Any]:
        cost = {"amount": amount, "currency": currency}
        update = {"sessionUpdate": "usage_update", "used": 1, "size": 2, "cost": cost}
        return {"update": update}

    turns = [[costs(0.5), costs(9, "EUR")], [costs(0.75)]]
    agent = await around.actor({"prompts": turns})
    receipts = [(await agent.prompt(GO)).receipt for _ in turns]
    assert [one and one.cost.total_cost for one in receipts] == [0.5, 0.25]


async def test_one_that_wants_a_login_says_what_to_do(around: Around) -> None:
    auth = [{"id": "browser", "name": "Log in\x07 here"}]
    with pytest.raises(AgentError) as caught:
        await around.actor({"auth": auth, "login": "browser"})
    assert caught.value.message == (
        "Tester wants you to log in. Run `tester login`. It offers: Log in\\u{7} here."
    )


async def test_it_is_logged_in_with_a_key_of_the_environment(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTER_KEY", "k")
    auth = [{"id": "browser", "name": "Browser"}, {"id": "key", "name": "Key"}]
    agent = await around.actor({"auth": auth, "login": "key", "sdk": True})
    assert agent.opened.id == "actor-1"


async def test_another_version_of_the_protocol_is_said(around: Around) -> None:
    with pytest.raises(AgentError, match="speaks version 2 of the Agent Client Protocol"):
        await around.actor({"version": 2})


async def test_one_that_hangs_at_the_greeting_is_ended(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "GREET_S", 0.2)
    with pytest.raises(AgentError, match=r"has not answered initialize for 0\.2 s"):
        await around.actor({"slow": "initialize"})
    assert around.closed == []


async def test_a_program_that_is_not_there_is_said_with_how_to_install_it(around: Around) -> None:
    async def start(_: Any) -> Any:
        raise ProcessError("There is no program called tester.")

    around.start = start  # type: ignore[method-assign]
    entry = Entry("tester", "Tester", ("tester",), install="npm install -g tester")
    with pytest.raises(ProcessError) as caught:
        await around.open(around.root, {}, entry=entry)
    assert caught.value.message == (
        "There is no program called tester. To install it: npm install -g tester."
    )


async def test_it_is_started_with_what_its_entry_says(around: Around) -> None:
    await around.actor({})
    (launch,) = around.launched
    assert launch.cwd == str(around.root)
    assert launch.note == "An agent that speaks the Agent Client Protocol."


async def test_closed_in_the_middle_of_a_turn_the_turn_ends_with_a_sentence(
    around: Around,
) -> None:
    agent = await around.actor({"prompts": [[{"say": "busy"}, {"hang": True}]]})
    turn = asyncio.create_task(agent.prompt(GO))
    await around.until("busy")
    await agent.aclose()
    with pytest.raises(AgentError) as caught:
        await turn
    assert caught.value.message == "Tester has been closed."
    assert around.closed == []


async def test_an_opening_that_is_given_up_leaves_no_program(around: Around) -> None:
    opening = asyncio.create_task(around.actor({"slow": "session/new"}))
    await asyncio.wait_for(around.started.wait(), WAIT_S)
    opening.cancel()
    await asyncio.wait([opening])
    assert opening.cancelled()
    await asyncio.wait_for(around.children[0].wait(), WAIT_S)
    assert around.closed == []
