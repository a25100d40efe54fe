"""Many at once, of all kinds, who leave whenever they like: nothing is lost, left, or mixed up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import json
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.conftest import KEY, NO_TLS, QUICK, Ends, FakeServer, events_of, reached
from tests.core.relay.conftest import CHAT
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, Rates
from zeke_bridge.core.assemble import Core, build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.providers.openai import OpenAIProvider
from zeke_bridge.core.routing.breaker import Breaker
from zeke_bridge.core.serving import serve_port

pytestmark = pytest.mark.anyio

MANY = 200
MARK = re.compile(r"mark\d+z")
WELL = ("echo", "echo", "echo", "slow", "no-done")
STREAMED = ("slow", "no-done")
# So many at once take long on a busy machine.
PATIENT = dataclasses.replace(QUICK, connect=60, first_byte=60, whole=60, silence=60)
ILL = ("boom500", "reset", "half", "garbage", "html", "limit429", "gone404", "long400", "noise")


@dataclasses.dataclass(frozen=True)
class Wish:
    """One question, and when its client leaves: after so many turns of the loop, or never."""

    mark: str
    path: str
    body: dict[str, Any]
    leaves: int | None

    @property
    def model(self) -> str:
        return self.body["model"].removeprefix("far:")


def wishes(chance: random.Random) -> list[Wish]:
    return [_wish(number, chance) for number in range(MANY)]


def _wish(number: int, chance: random.Random) -> Wish:
    # Some ask the same.
    mark = f"mark{number if chance.random() < 0.8 else number % 5}z"
    model = chance.choice(WELL if chance.random() < 0.7 else ILL)
    stream = {"stream": True} if chance.random() < 0.5 else {}
    turns = [{"role": "user", "content": f"What is {mark}?"}]
    snippet = {"code": f"{mark} = 1", "language": "python", "path": "a.py"}
    filling = {"prefix": f"{mark} = ", "suffix": "", "language": "python"}
    path, body = chance.choice(
        [
            (CHAT, {"messages": turns, **stream}),
            (CHAT, {"messages": turns, **stream}),
            ("/v1/messages", {"messages": turns, "max_tokens": 500, **stream}),
            ("/v1/zeke/code/explain", {**snippet, **stream}),
            ("/v1/zeke/code/complete", {**filling, **stream}),
            ("/v1/embeddings", {"input": [mark] * (1 + number % 7)}),
        ]
    )
    if model in STREAMED and "zeke" not in path and not body.get("stream"):
        model = "echo"
    leaves = chance.randrange(400) if chance.random() < 0.4 else None
    return Wish(mark, path, {"model": f"far:{model}", **body}, leaves)


async def granted(http: httpx.AsyncClient, wish: Wish, delay: int) -> httpx.Response | None:
    """The answer; None when its client left before it came."""
    for _ in range(delay):
        await asyncio.sleep(0)
    asked = asyncio.create_task(http.post(wish.path, json=wish.body))
    if wish.leaves is not None:
        for _ in range(wish.leaves):
            await asyncio.sleep(0)
        asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        return await asked
    return None


def judge(wish: Wish, answer: httpx.Response) -> None:
    """An answer is whole, and about its own question; or it is an error that names none."""
    marks = set(MARK.findall(answer.text))
    if answer.status_code != 200 or "error" in _last(answer):
        assert marks <= {wish.mark}
        assert wish.model in ILL or answer.status_code == 429, answer.text
    elif "embeddings" in wish.path:
        vectors = [row["embedding"] for row in answer.json()["data"]]
        assert vectors == [[0.5, -0.25, float(len(vectors))]] * len(wish.body["input"])
    elif wish.model == "echo":
        assert marks == {wish.mark}
    else:
        assert not marks


def _last(answer: httpx.Response) -> dict[str, Any]:
    if answer.headers["content-type"] == "application/json":
        return answer.json()
    data = [event.data for event in events_of(answer.content) if event.data != "[DONE]"]
    return json.loads(data[-1])


@contextlib.asynccontextmanager
async def crowded(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """A client of ``core``; fails when a task is left over, or an error that nobody looked at.

    On a port: what the client uses for unix sockets complains when it is cancelled.
    """
    before, complaints = asyncio.all_tasks(), []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    served = await serve_port(core.app, "127.0.0.1", 0)
    # The core closes a connection that rests for five seconds, and on a busy machine httpx may be
    # about to use it: it does not try again.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    transport = httpx.AsyncHTTPTransport(verify=NO_TLS, limits=limits)
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url=served.address, timeout=100
        ) as http:
            yield http
        await served.aclose()
        await core.aclose()
        gc.collect()
        assert asyncio.all_tasks() == before
        assert complaints == []
    finally:
        loop.set_exception_handler(None)


@pytest.mark.parametrize(("seed", "limit"), [(0, None), (1, 20), (2, None)])
async def test_a_crowd(
    settled: GhostConfig,
    fake: FakeProvider,
    tmp_path: Path,
    ends: Ends,
    seed: int,
    limit: int | None,
) -> None:
    chance, fake.delay = random.Random(seed), 0
    rates = Rates(1e9, 1e9, limit)
    far = dataclasses.replace(settled.providers["far"], rates=Rates(1e9, 1e9, 150))
    config = dataclasses.replace(settled, rates=rates, providers={"far": far})
    core = build_core(config, KeyFile(tmp_path / "auth.json"), None, {"far": KEY}, PATIENT)
    asked = wishes(chance)
    async with crowded(core) as http:
        delays = [chance.randrange(100) for _ in asked]
        answers = await asyncio.gather(*map(granted, [http] * MANY, asked, delays))
        for wish, answer in zip(asked, answers, strict=True):
            if answer is not None:
                judge(wish, answer)
        assert sum(answer is not None for answer in answers) > MANY / 2
        state = core.relay.state
        while "ghostllm_requests_in_flight 0.0" not in (await http.get("/metrics")).text:
            await ends.next()
        assert len(state.flights) == 0
        assert core.relay.runs == {}
        assert not any(breaker.probing for breaker in state.breakers.by_name.values())
        body = {"model": "far:echo", "messages": [{"role": "user", "content": "All well?"}]}
        assert (await http.post(CHAT, json=body)).status_code == 200
        assert not {"far", "far:echo"} & state.breakers.by_name.keys()
    accounts = state.limiter._accounts
    assert {name[0] for name in accounts} == {"core", "provider"}
    assert [account.running for account in accounts.values()] == [0, 0]


async def test_a_crowd_at_the_local_model(
    settled: GhostConfig, tmp_path: Path, server: FakeServer, ends: Ends
) -> None:
    server.names = ["echo", "slow"]
    core = build_core(settled, KeyFile(tmp_path / "auth.json"), server, {}, PATIENT)
    chance = random.Random(7)

    def moved(wish: Wish) -> Wish:
        model = "local:slow" if wish.model == "slow" else "local:echo"
        return dataclasses.replace(wish, body={**wish.body, "model": model})

    asked = [moved(wish) for wish in wishes(chance) if "embed" not in wish.path][:60]
    async with crowded(core) as http:
        turns = [{"role": "user", "content": "Are you there?"}]
        await http.post(CHAT, json={"messages": turns, "model": "local:echo"})
        assert server.fake is not None
        server.fake.delay = 0
        delays = [chance.randrange(100) for _ in asked]
        answers = await asyncio.gather(*map(granted, [http] * len(asked), asked, delays))
        for wish, answer in zip(asked, answers, strict=True):
            if answer is not None and wish.body["model"] == "local:echo":
                assert answer.status_code == 200
                assert set(MARK.findall(answer.text)) == {wish.mark}
        while "ghostllm_requests_in_flight 0.0" not in (await http.get("/metrics")).text:
            await ends.next()
        assert server.using == 0
    assert server.started == 1


class Slowly:
    """``OpenAIProvider.stream`` that takes its time to end when it is left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leaving, self.gone = asyncio.Event(), asyncio.Event()
        really = OpenAIProvider.stream

        async def stream(provider: OpenAIProvider, body: Any) -> Any:
            try:
                async with contextlib.aclosing(really(provider, body)) as pieces:
                    async for chunks in pieces:
                        yield chunks
            except asyncio.CancelledError:
                self.leaving.set()
                await self.gone.wait()
                raise

        monkeypatch.setattr(OpenAIProvider, "stream", stream)


async def test_who_comes_while_another_is_leaving_begins_anew(
    serve: Any, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch, ends: Ends
) -> None:
    body = {"model": "far:held", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    slowly = Slowly(monkeypatch)
    async with serve() as http:
        async with http.stream("POST", CHAT, json=body) as first:
            await anext(first.aiter_bytes())
        await slowly.leaving.wait()
        fake.release()
        second = await http.post(CHAT, json=body)
        slowly.gone.set()
        assert second.headers["x-ghostllm-cache"] == "miss"
        texts = [event.data for event in events_of(second.content)]
        kept = (await http.post(CHAT, json={**body, "stream": False})).json()
        assert {(await ends.next())["status"] for _ in range(3)} == {"ok", "cancelled"}
    assert sum('"first "' in text for text in texts) == 1
    assert kept["cached"] is True
    assert kept["choices"][0]["message"]["content"] == "first second"
    assert len(fake.requests) == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_a_probe_whose_client_left_says_nothing(
    settled: GhostConfig, fake: FakeProvider, tmp_path: Path, ends: Ends, stream: bool
) -> None:
    core = build_core(settled, KeyFile(tmp_path / "auth.json"), None, {"far": KEY}, QUICK)
    ill = Breaker(5, opened_at=0.0, rest=0.001, openings=1)
    core.relay.state.breakers.by_name["far"] = ill
    body = {"model": "far:silent", "messages": [{"role": "user", "content": "Hi"}]}
    async with reached(core, tmp_path) as http:
        asked = asyncio.create_task(http.post(CHAT, json={**body, "stream": stream}))
        await fake.until(fake.held)
        assert core.relay.state.breakers.by_name["far"].probing
        asked.cancel()
        assert (await ends.next())["status"] == "cancelled"
        assert core.relay.state.breakers.by_name == {"far": ill}


async def test_a_probe_that_is_not_sent_says_nothing(
    settled: GhostConfig, fake: FakeProvider, tmp_path: Path
) -> None:
    none = dataclasses.replace(settled.providers["far"], rates=Rates(requests_per_minute=0))
    config = dataclasses.replace(settled, providers={"far": none})
    core = build_core(config, KeyFile(tmp_path / "auth.json"), None, {"far": KEY}, QUICK)
    ill = Breaker(5, opened_at=0.0, rest=0.001, openings=1)
    core.relay.state.breakers.by_name["far"] = ill
    body = {"model": "far:echo", "messages": [{"role": "user", "content": "Hi"}]}
    async with reached(core, tmp_path) as http:
        assert (await http.post(CHAT, json=body)).status_code == 429
        assert core.relay.state.breakers.by_name == {"far": ill}
    assert fake.requests == []
