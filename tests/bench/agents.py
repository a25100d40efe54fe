"""What our ACP host adds to one call of an agent, beside the SDK's own client in the same process.

The agent asks for a small file over and over and times it; who answers has the text at hand.
Run alone: ``python -m tests.bench.agents``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.row import Row, row, show

ROUNDS = 6
CALLS = 300
WARM_UP = 50
TEXT = "def add(a, b):\n    return a + b\n" * 20

Turn = Callable[[], Awaitable[None]]


def agent_rows() -> Iterator[Row]:
    """One ``fs/read_text_file`` with the SDK's client, with ours, and what ours takes more."""
    with tempfile.TemporaryDirectory() as place:
        theirs, ours = asyncio.run(_measured(Path(place)))
    yield row("an agent's read of a file, the SDK's own client", theirs, "ms")
    yield row("an agent's read of a file, our host", ours, "ms")
    added = sorted(ours)[len(ours) // 2] - sorted(theirs)[len(theirs) // 2]
    yield row("added to an agent's call by our host, beyond the SDK", [added], "ms", 1)


async def _measured(place: Path) -> tuple[list[float], list[float]]:
    """Both in turn, so that what else the machine does is the same for both."""
    from tests.agents.acp.around import Around

    around = Around(place)
    try:
        return await _in_turn(around, place)
    finally:
        await around.aclose()


async def _in_turn(around: Any, place: Path) -> tuple[list[float], list[float]]:
    samples: dict[str, list[float]] = {"theirs": [], "ours": []}
    turns = {"theirs": await _theirs(around, place), "ours": await _ours(around, place)}
    for _ in range(ROUNDS):
        for name, turn in turns.items():
            await turn()
            times = json.loads((place / name).read_text())
            samples[name] += times[WARM_UP:]
    return samples["theirs"], samples["ours"]


async def _ours(around: Any, place: Path) -> Turn:
    from zeke_bridge.agents.acp.host import connect
    from zeke_bridge.agents.agent import Prompt
    from zeke_bridge.agents.registry import Entry

    around.effects.read = _text
    entry = Entry("reader", "Reader", _argv(place / "ours"))
    agent = await connect("reader", entry, around.surroundings())
    around.agents.append(agent)

    async def turn() -> None:
        await agent.prompt(Prompt("go"))

    return turn


async def _theirs(around: Any, place: Path) -> Turn:
    import acp
    from acp import schema

    class Client:
        async def read_text_file(self, **_: Any) -> schema.ReadTextFileResponse:
            return schema.ReadTextFileResponse(content=TEXT)

        def on_connect(self, _: Any) -> None:
            pass

    from zeke_bridge.agents.child import Launch

    child = await around.start(Launch(_argv(place / "theirs"), str(around.root)))
    client: Any = Client()
    connection = acp.connect_to_agent(client, child.writer, child.reader)
    await connection.initialize(protocol_version=1)
    session = await connection.new_session(cwd=str(around.root), mcp_servers=[])

    async def turn() -> None:
        await connection.prompt(session_id=session.session_id, prompt=[acp.text_block("go")])

    return turn


async def _text(_: str) -> str:
    return TEXT


def _argv(times: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.bench.agents", "read", str(times))


def read(times: Path) -> None:
    """The agent: answers what it has to, and in each turn reads a file, over and over."""
    for line in sys.stdin.buffer:
        message = json.loads(line)
        result: dict[str, Any] = {"protocolVersion": 1, "agentCapabilities": {}}
        if message["method"] == "session/new":
            result = {"sessionId": "s1"}
        elif message["method"] == "session/prompt":
            found = [_round_trip(number) for number in range(WARM_UP + CALLS)]
            times.write_text(json.dumps(found))
            result = {"stopReason": "end_turn"}
        _write({"jsonrpc": "2.0", "id": message["id"], "result": result})


def _round_trip(number: int) -> float:
    """Milliseconds of one read."""
    params = {"sessionId": "s1", "path": "/project/src/app.py", "line": 1, "limit": 100}
    request = {"jsonrpc": "2.0", "id": number, "method": "fs/read_text_file", "params": params}
    start = time.perf_counter()
    _write(request)
    answer = json.loads(sys.stdin.buffer.readline())
    took = (time.perf_counter() - start) * 1e3
    if not answer["result"]["content"].startswith("def add"):
        raise RuntimeError(f"no text: {answer}")
    return took


def _write(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(Path(sys.argv[2]))
    else:
        show(list(agent_rows()))
