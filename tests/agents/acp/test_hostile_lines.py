"""An agent that prints what is no message, too much, or nothing any more."""

from __future__ import annotations

import asyncio

import pytest

from tests.agents.acp.around import WAIT_S, Around
from tests.agents.acp.hostile import END, SESSION
from tests.agents.acp.speech import GO, request, says, turn, write
from zeke_bridge.agents.acp import pipe
from zeke_bridge.agents.agent import Prompt, Stop
from zeke_bridge.model.errors import AgentError

pytestmark = pytest.mark.anyio


BAD_LINES = {
    "no json": b'{"jsonrpc": ',
    "a key twice": b'{"jsonrpc":"2.0","id":1,"method":"terminal/create","method":"fs/x"}',
    "a nested key twice": request("fs/write_text_file", write())
    .replace('"path"', '"content": "y", "path"')
    .encode(),
    "nan": b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":NaN}}',
    "an infinite number": b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1e999}}',
    "a huge number": b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":18446744073709551616}}',
    "half a surrogate": b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"\\ud800"}}',
    "no utf-8": b'{"jsonrpc":"2.0","id":1,"method":"x\xff"}',
    "deep nesting": b'{"jsonrpc":"2.0","id":1,"method":"x","params":'
    + b"[" * 100
    + b"]" * 100
    + b"}",
    "deeper nesting": b"[" * 100_000,
    "a batch": b'[{"jsonrpc":"2.0","id":1,"method":"x"}]',
    "another version": b'{"jsonrpc":"1.0","id":1,"method":"x"}',
    "no version": b'{"id":1,"method":"x"}',
    "an id that is an object": b'{"jsonrpc":"2.0","id":{},"method":"x"}',
    "a method that is a list": b'{"jsonrpc":"2.0","id":1,"method":["x"]}',
    "a result and a method": b'{"jsonrpc":"2.0","id":1,"method":"x","result":{}}',
    "result and error": b'{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    "many values": b'{"jsonrpc":"2.0","id":1,"method":"x","params":[' + b"0," * 250_000 + b"0]}",
}

NO_ID = ("no json", "deeper nesting", "a batch", "an id that is an object")


@pytest.mark.parametrize("name", BAD_LINES)
async def test_lines_that_are_no_messages_are_answered_with_an_error(
    around: Around, name: str
) -> None:
    line = {"bytes": (BAD_LINES[name] + b"\n").hex()}
    answer, _ = await turn(around, line, request("fs/x", {}, 9), {"reply": 9})
    assert answer["error"]["code"] in (-32700, -32600)
    assert answer["id"] == (None if name in NO_ID else 1)
    assert around.notices[0] == f"A message of it was refused: {answer['error']['message']}"
    assert around.effects.done == []


async def test_a_line_of_20_mib_is_dropped_as_it_comes(around: Around) -> None:
    long = request("fs/write_text_file", write(content="$N"))
    big = {"repeat": 1, "line": long.replace("$N", "x" * 20 * 2**20)}
    answer, after = await turn(around, big, request("fs/x", {}, 9), {"reply": 9})
    assert answer == {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {
            "code": -32600,
            "message": "A message is at most 16 MiB long.",
            "data": None,
        },
    }
    assert after["id"] == 9
    assert around.notices[0] == "A message of it was refused: A message is at most 16 MiB long."
    assert around.effects.done == []


async def test_what_cannot_be_read_is_told_once(around: Around) -> None:
    line = request("fs/read_text_file", {"line": 2**63})
    assert len(await turn(around, line, line, request("fs/x", {}, 9), {"reply": 9})) == 3
    assert len([one for one in around.notices if "too large" in one]) == 1


async def test_an_answer_that_cannot_be_read_ends_the_turn(around: Around) -> None:
    answer = '{"jsonrpc":"2.0","result":{"stopReason":"end_turn","a":"$N"},"id":$ID}'
    long = {"repeat": 1, "line": answer.replace("$N", "x" * 17 * 2**20)}
    agent = await around.hostile({"session/prompt": [long]})
    with pytest.raises(AgentError, match="at most 16 MiB"):
        await agent.prompt(GO)
    around.says.clear()
    agent = await around.hostile({"session/prompt": [answer.replace('"$N"', "1e999")]})
    with pytest.raises(AgentError, match="too large"):
        await agent.prompt(GO)
    assert around.notices == []


async def test_an_unread_message_does_not_answer_the_one_that_waits(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    same = '{"jsonrpc":"2.0","id":1,"method":"fs/write_text_file","params":{"a":NaN}}'
    lines = [request("fs/write_text_file", write()), same, {"reply": None}, says("no")]
    agent = await around.hostile({"session/prompt": [*lines, {"reply": 1}, END]})
    going = asyncio.create_task(agent.prompt(GO))
    await around.until("no")
    around.effects.hold.set()
    await going
    refused, done = around.heard()
    assert (refused["id"], done["result"]) == (None, {})


async def test_what_a_program_prints_beside_is_passed_over(around: Around) -> None:
    assert await turn(around, "npm warn deprecated", "", "Listening …", says("hi")) == []
    assert around.text == "hi"


async def test_it_prints_nothing_but_nonsense_and_is_sent_away(around: Around) -> None:
    lines = {"repeat": pipe.MAX_STRAY, "line": "nonsense"}
    agent = await around.hostile({"session/prompt": [lines, {"sleep": True}]})
    with pytest.raises(AgentError) as caught:
        await agent.prompt(GO)
    sentence = f"Tester is gone. It sent {pipe.MAX_STRAY} lines that are no messages."
    assert caught.value.message == sentence
    assert around.closed == [sentence]


async def test_answers_to_nothing_change_nothing(around: Around) -> None:
    answers = [
        '{"jsonrpc":"2.0","id":99,"result":{"stopReason":"end_turn"}}',
        '{"jsonrpc":"2.0","id":"$ID","result":{"stopReason":"refusal"}}',
        '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}',
    ]
    assert await turn(around, *answers, says("hi")) == []
    assert around.text == "hi"


async def test_a_broken_answer_ends_the_turn_with_a_sentence(around: Around) -> None:
    broken = '{"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":"x"}}'
    agent = await around.hostile({"session/prompt": [broken]})
    with pytest.raises(AgentError, match="A response has an id and either result or error"):
        await agent.prompt(GO)


@pytest.mark.parametrize(
    "result", ['{"stopReason":"done"}', "{}", "[]", "null", '{"stopReason":["end_turn"]}']
)
async def test_an_answer_that_is_not_acps_ends_the_turn_with_a_sentence(
    around: Around, result: str
) -> None:
    line = f'{{"jsonrpc":"2.0","id":$ID,"result":{result}}}'
    agent = await around.hostile({"session/prompt": [line]})
    with pytest.raises(AgentError, match="Tester answers session/prompt in a way of its own"):
        await agent.prompt(GO)


async def test_a_flood_of_updates_is_read_at_a_pace(around: Around) -> None:
    flood = {"repeat": 6_000, "line": says("$N,")}
    loop = asyncio.get_running_loop()
    agent = await around.hostile({"session/prompt": [flood, END]})
    start = loop.time()
    assert await agent.prompt(GO) == Stop("end_turn")
    assert loop.time() - start > 0.8
    assert around.text == "".join(f"{number}," for number in range(6_000))


async def test_a_flood_of_requests_waits_until_there_is_room(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    flood = [request("fs/write_text_file", write(), number) for number in range(200)]
    agent = await around.hostile({"session/prompt": [*flood, {"reply": 199}, END]})
    going = asyncio.create_task(agent.prompt(GO))
    await asyncio.wait_for(around.effects.full.wait(), WAIT_S)
    around.effects.hold.set()
    assert await going == Stop("end_turn")
    assert len(around.heard()) == 200
    # What is read is bounded: the rest waits in the agent's pipe.
    assert around.effects.most == pipe.MAX_OPEN


async def test_an_id_that_waits_already_is_refused(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    twice = [request("fs/write_text_file", write())] * 2
    lines = [*twice, {"reply": None}, says("refused"), {"reply": 1}, END]
    agent = await around.hostile({"session/prompt": lines})
    going = asyncio.create_task(agent.prompt(GO))
    await around.until("refused")
    around.effects.hold.set()
    await going
    refused, done = around.heard()
    assert refused["error"]["code"] == -32600
    assert done["result"] == {}
    assert len(around.effects.done) == 1


async def test_it_dies_in_mid_call_and_its_last_words_are_told(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    words = {"stderr": "Traceback:\n\x1b[31mKeyError\x1b[0m: 'x'\n"}
    lines = [request("fs/write_text_file", write()), words, {"exit": 3}]
    agent = await around.hostile({"session/prompt": lines})
    with pytest.raises(AgentError) as caught:
        await agent.prompt(GO)
    sentence = (
        "Tester is gone. It failed with exit code 3. Its last words: "
        "Traceback: | \\u{1b}[31mKeyError\\u{1b}[0m: 'x'"
    )
    assert caught.value.message == sentence
    assert around.closed == [sentence]
    assert around.effects.withdrawn == len(around.effects.done)


async def test_it_dies_before_it_greets(around: Around) -> None:
    with pytest.raises(AgentError, match=r"Tester is gone\. It failed with exit code 4\."):
        await around.hostile({"initialize": [{"exit": 4}]})


async def test_it_closes_its_output_and_stays(around: Around) -> None:
    agent = await around.hostile({"session/prompt": [{"exit": 0}]})
    with pytest.raises(AgentError, match=r"Tester is gone\. It ended by itself\."):
        await agent.prompt(GO)
    assert around.closed == ["Tester is gone. It ended by itself."]


async def test_it_does_not_read_what_it_is_sent_and_is_sent_away(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "_SEND_S", 0.2)
    agent = await around.hostile({"session/new": [SESSION, {"deaf": True}]})
    with pytest.raises(AgentError, match="has not read what it was sent"):
        await agent.prompt(Prompt("x" * 4 * 2**20))
