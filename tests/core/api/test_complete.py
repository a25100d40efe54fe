from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.core.conftest import events_of
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

URL = "/v1/zeke/code/complete"
BODY = {"prefix": "def f():\n    ", "suffix": "\n\nprint(f())\n", "language": "python"}
LOCAL = {**BODY, "model": "local:tiny-coder"}


async def test_a_chat_is_asked_for_the_missing_text_only(serve: Any, fake: FakeProvider) -> None:
    fake.script.append("```python\n    return 1\n\n\nprint(f())\n```\nThat is all.")
    async with serve() as http:
        answer = (await http.post(URL, json={**BODY, "model": "far:echo"})).json()
    assert answer["text"] == "return 1"
    asked = fake.requests[0]["messages"][-1]["content"]
    assert "def f():\n    <CURSOR>\n\nprint(f())" in asked
    assert answer["route"]["task"] == "completion"


async def test_a_model_that_fills_is_given_both_sides(serve: Any, server: Any) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        server.fake.script.append("return 1\n\n\nprint(f())\nprint(f())\n")
        raw = (await http.post(URL, json={**LOCAL, "max_tokens": 9, "stream": True})).content
        [asked] = server.fake.requests[1:]
    assert asked["input_prefix"] == BODY["prefix"]
    assert asked["input_suffix"] == BODY["suffix"]
    assert asked["n_predict"] == 9
    assert "stop" not in asked
    [delta, done] = events_of(raw)
    assert json.loads(delta.data) == {"text": "return 1"}
    told = json.loads(done.data)
    assert told["text"] == "return 1"
    assert (told["provider"], told["model"]) == ("local", "tiny-coder")
    assert told["usage"]["prompt_tokens"] == 7


async def test_one_line_stays_one_line(serve: Any, server: Any) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        server.fake.script.append("x)")
        body = {**LOCAL, "prefix": "print(", "suffix": ")\nmore\n"}
        answer = (await http.post(URL, json=body)).json()
        assert server.fake.requests[-1]["stop"] == ["\n"]
    assert answer["text"] == "x"


async def test_nothing_to_add_is_no_error(serve: Any, fake: FakeProvider) -> None:
    fake.script.append("```\n```")
    async with serve() as http:
        answer = await http.post(URL, json={**BODY, "model": "far:echo"})
    assert (answer.status_code, answer.json()["text"]) == (200, "")


@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_cancels_the_filling(serve: Any, server: Any, stream: bool) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        body = {**LOCAL, "prefix": "HOLD = ", "stream": stream}
        call = asyncio.create_task(http.post(URL, json=body))
        await server.fake.until(server.fake.held)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.fake.until(server.fake.left)


@pytest.mark.parametrize("stream", [True, False])
async def test_what_is_wanted_ends_the_call(serve: Any, server: Any, stream: bool) -> None:
    """The provider would still have things to say."""
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        server.fake.script.append("1\nprint(f())\n and more of it")
        body = {**LOCAL, "prefix": "STAY = ", "stream": stream}
        answer = await http.post(URL, json=body)
        await server.fake.until(server.fake.left)
    told = json.loads(events_of(answer.content)[-1].data) if stream else answer.json()
    assert told["text"] == "1"
    assert told["usage"]["completion_tokens"] > 0


async def test_a_model_without_marks_is_asked_as_a_chat_next_time(serve: Any, server: Any) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        first = await http.post(URL, json={**LOCAL, "prefix": "NOMARKS = "})
        assert first.status_code != 200
        assert "fill in the middle" in first.json()["error"]["message"]
        server.fake.script.append("```\n1\n```")
        # Its model is not of the fake's behaviours; the script answers whatever it is.
        second = await http.post(URL, json={**LOCAL, "prefix": "y = "})
        assert "messages" in server.fake.requests[-1]
    assert second.json()["text"] == "1"


async def test_an_alternative_is_another_question(serve: Any, server: Any) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        server.fake.script.extend(["return 1", "return 2"])
        said = []
        for number in (0, 1):
            body = {**LOCAL, "prefix": "def g():\n    ", "alternative": number}
            said.append((await http.post(URL, json=body)).json()["text"])
        asked = server.fake.requests[1:]
    assert said == ["return 1", "return 2"]
    assert [body.get("seed") for body in asked] == [None, 1]
    assert asked[0]["temperature"] == 0.0 < asked[1]["temperature"]


async def test_no_more_lines_than_wanted(serve: Any, server: Any) -> None:
    server.names = ["tiny-coder"]
    async with serve(local=server) as http:
        await http.post(URL, json=LOCAL)
        server.fake.script.append("a = 1\n    b = 2\n    c = 3\n")
        body = {**LOCAL, "prefix": "def h():\n    ", "max_lines": 2}
        answer = (await http.post(URL, json=body)).json()
    assert answer["text"] == "a = 1\n    b = 2"
