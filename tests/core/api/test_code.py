from __future__ import annotations

import asyncio
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.wire.sse import Parser

pytestmark = pytest.mark.anyio

CODE = {"code": "def f():\n    return 1", "path": "a.py", "language": "python", "start_line": 5}


def events_of(raw: bytes) -> list[tuple[str, Any]]:
    parser = Parser()
    events = parser.feed(raw)
    parser.close()
    return [(event.name, json.loads(event.data)) for event in events]


AFRESH = {"Cache-Control": "no-cache, no-store"}


@pytest.mark.parametrize("task", ["explain", "refactor", "test"])
async def test_plain_and_streamed_say_the_same(serve: Any, task: str) -> None:
    body = {**CODE, "model": "far:echo", "instruction": "Return 2."}
    async with serve() as http:
        http.headers.update(AFRESH)
        plain = (await http.post(f"/v1/zeke/code/{task}", json=body)).json()
        raw = (await http.post(f"/v1/zeke/code/{task}", json={**body, "stream": True})).content
    events = events_of(raw)
    assert [name for name, _ in events[:-1]] == ["delta"] * (len(events) - 1)
    assert "".join(data["text"] for _, data in events[:-1]) == plain["text"]
    name, done = events[-1]
    assert name == "done"
    assert done.pop("request_id") != plain.pop("request_id")
    assert done == plain
    assert plain["provider"] == "far"
    assert plain["model"] == "echo"
    assert plain["route"]["task"] == task
    assert plain["usage"]["total_tokens"] > 0
    assert plain["cost"]["total_cost"] == 0


async def test_a_rewrite_is_a_fenced_block(serve: Any) -> None:
    body = {**CODE, "model": "far:echo", "instruction": "Change it. ANSWER: def g():\\n    pass"}
    async with serve() as http:
        answer = (await http.post("/v1/zeke/code/refactor", json=body)).json()
    assert answer["text"] == "```python\ndef g():\n    pass\n```"


async def test_a_kept_answer_may_be_too_old(
    serve: Any, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {**CODE, "model": "far:echo"}
    later = SimpleNamespace(time=lambda: time.time() + 60, monotonic=time.monotonic)
    hits = []
    async with serve() as http:
        await http.post("/v1/zeke/code/explain", json=body)
        monkeypatch.setattr("zeke_bridge.core.relay.call.time", later)
        for age in (90, 30):
            headers = {"Cache-Control": f"max-age={age}"}
            answer = await http.post("/v1/zeke/code/explain", json=body, headers=headers)
            hits.append(answer.json()["cached"])
    assert hits == [True, False]


async def test_several_looks_are_one_call(serve: Any, fake: FakeProvider) -> None:
    items = [
        {**CODE, "id": f"t{number}", "kind": kind}
        for number, kind in enumerate(["quality", "security", "performance"])
    ]
    async with serve() as http:
        answer = (
            await http.post("/v1/zeke/code/analyze", json={"model": "far:echo", "items": items})
        ).json()
    assert len(fake.requests) == 1
    assert set(answer["results"]) == {"t0", "t1", "t2"}
    finding = answer["results"]["t0"]["findings"][0]
    assert finding["line"] == 5
    assert finding["severity"] == "warning"
    assert finding["message"]
    assert answer["route"]["task"] == "analyze"


@pytest.mark.parametrize("model", ["missing-part", "malformed-part"])
async def test_a_part_that_did_not_come_is_absent_and_comes_when_asked_alone(
    serve: Any, model: str
) -> None:
    body = {**CODE, "model": f"far:{model}", "kinds": ["quality", "security"]}
    async with serve() as http:
        both = (await http.post("/v1/zeke/code/analyze", json=body)).json()
        alone = (
            await http.post("/v1/zeke/code/analyze", json={**body, "kinds": ["security"]})
        ).json()
    assert list(both["results"]) == ["quality"]
    assert list(alone["results"]) == ["security"]


async def test_an_analysis_can_be_a_stream(serve: Any) -> None:
    body = {**CODE, "model": "far:echo", "kinds": ["quality"], "stream": True}
    async with serve() as http:
        raw = (await http.post("/v1/zeke/code/analyze", json=body)).content
    [(name, done)] = events_of(raw)
    assert name == "done"
    assert list(done["results"]) == ["quality"]


async def test_a_client_waits_with_pings(serve: Any, fake: FakeProvider) -> None:
    limits = Limits(keepalive=0.01)
    body = {**CODE, "model": "far:silent", "stream": True}
    async with (
        serve(limits=limits) as http,
        http.stream("POST", "/v1/zeke/code/explain", json=body) as response,
    ):
        pieces = response.aiter_raw()
        assert (await anext(pieces)).startswith(b": ping\n\n")
        fake.release()
        rest = b"".join([piece async for piece in pieces])
    assert next(data for name, data in events_of(rest) if name == "done")["text"].startswith(
        "This is what the fake says"
    )


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_cancels_the_provider(
    serve: Any, fake: FakeProvider, stream: bool
) -> None:
    body = {**CODE, "model": "far:silent", "stream": stream}
    async with serve() as http:
        call = asyncio.create_task(http.post("/v1/zeke/code/explain", json=body))
        await fake.until(fake.held)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await fake.until(fake.left)


async def test_an_error_in_a_stream_is_an_event(serve: Any) -> None:
    body = {**CODE, "model": "far:half", "stream": True}
    async with serve() as http:
        answer = await http.post("/v1/zeke/code/explain", json=body)
    events = events_of(answer.content)
    assert events[0] == ("delta", {"text": "one "})
    assert events[-1][0] == "error"
    assert events[-1][1]["error"]["code"] == "bad_answer"
    assert events[-1][1]["error"]["retryable"] is False


async def test_an_empty_answer_is_an_error(serve: Any, fake: FakeProvider) -> None:
    fake.script.append(" ")
    async with serve() as http:
        answer = await http.post("/v1/zeke/code/explain", json={**CODE, "model": "far:echo"})
    assert answer.status_code == 502
    assert "nothing" in answer.json()["error"]["message"]
