"""What holds for each of the nine endpoints of ``/v1/zeke``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.core.conftest import events_of
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

CODE = {"code": "def f():\n    return 1", "path": "a.py", "language": "klingon"}
SHELL = {"text": "tar xf a.tar", "shell": "bash", "system": "Linux", "history": ["ls"]}
BODIES: dict[str, dict[str, Any]] = {
    "code/complete": {"prefix": "x = ", "suffix": "\n"},
    "code/explain": CODE,
    "code/refactor": {**CODE, "instruction": "Return 2."},
    "code/test": CODE,
    "code/analyze": {**CODE, "kinds": ["quality", "security"]},
    "project/context": {"question": "Why?", "tree": "a.py", "files": [CODE], "history": "a1 Go"},
    "terminal/suggest": SHELL,
    "terminal/explain": SHELL,
    "terminal/debug": {**SHELL, "output": "tar: a.tar: Cannot open", "exit_code": 2},
}
TASKS = {
    "code/complete": "completion",
    "project/context": "context",
    "terminal/suggest": "terminal",
    "terminal/explain": "terminal",
    "terminal/debug": "terminal",
}
RECEIPT = {"model", "provider", "route", "usage", "cost", "cached", "request_id", "budget"}
AFRESH = {"Cache-Control": "no-cache, no-store"}
each = pytest.mark.parametrize("path", list(BODIES))


def ask(path: str, model: str = "echo", **more: Any) -> dict[str, Any]:
    return {**BODIES[path], "model": f"far:{model}", **more}


@each
async def test_plain_and_streamed_say_the_same(serve: Any, path: str) -> None:
    async with serve() as http:
        http.headers.update(AFRESH)
        answer = await http.post(f"/v1/zeke/{path}", json=ask(path))
        raw = (await http.post(f"/v1/zeke/{path}", json=ask(path, stream=True))).content
    plain = answer.json()
    assert answer.headers["x-request-id"] == plain["request_id"]
    *deltas, done = events_of(raw)
    told = json.loads(done.data)
    assert done.name == "done"
    assert {event.name for event in deltas} <= {"delta"}
    if deltas:
        assert "".join(json.loads(event.data)["text"] for event in deltas) == told["text"]
    assert told.pop("request_id") != plain.pop("request_id")
    assert told == plain
    assert set(plain) >= RECEIPT - {"request_id"}
    assert (plain["provider"], plain["model"], plain["cached"]) == ("far", "echo", False)
    assert plain["usage"]["total_tokens"] > 0
    assert plain["usage"]["cached_tokens"] == 0
    assert plain["budget"] is None


@each
async def test_a_field_nobody_knows_is_named(serve: Any, path: str, fake: FakeProvider) -> None:
    async with serve() as http:
        answer = await http.post(f"/v1/zeke/{path}", json=ask(path, colour="red"))
        wrong = await http.post(f"/v1/zeke/{path}", json=ask(path, stream="yes"))
        nothing = await http.post(f"/v1/zeke/{path}", json={"model": "far:echo"})
        listed = await http.post(f"/v1/zeke/{path}", json=[])
    assert answer.status_code == wrong.status_code == nothing.status_code == 400
    assert answer.json()["error"]["message"] == "colour: there is no such field here."
    assert "stream" in wrong.json()["error"]["message"]
    assert listed.status_code == 400
    assert fake.requests == []


@each
@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_cancels_the_provider(
    serve: Any, fake: FakeProvider, path: str, stream: bool
) -> None:
    async with serve() as http:
        body = ask(path, "silent", stream=stream)
        call = asyncio.create_task(http.post(f"/v1/zeke/{path}", json=body))
        await fake.until(fake.held)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await fake.until(fake.left)


@each
async def test_a_failure_of_the_provider_is_told(serve: Any, path: str) -> None:
    async with serve() as http:
        refused = await http.post(f"/v1/zeke/{path}", json=ask(path, "refuse401"))
        broken = await http.post(f"/v1/zeke/{path}", json=ask(path, "half", stream=True))
    assert refused.json()["error"]["code"] == "auth_failed"
    if broken.status_code == 200:
        last = events_of(broken.content)[-1]
        assert last.name == "error"
        assert json.loads(last.data)["error"]["code"] == "bad_answer"
    else:
        # Nothing had been said yet that a client could use.
        assert broken.json()["error"]["code"] == "bad_answer"


@each
async def test_the_route_names_the_task(serve: Any, path: str) -> None:
    async with serve() as http:
        answer = (await http.post(f"/v1/zeke/{path}", json=ask(path))).json()
    assert answer["route"]["task"] == TASKS.get(path, path.partition("/")[2])
