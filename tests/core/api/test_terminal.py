from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.conftest import events_of
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

URL = "/v1/zeke/terminal/suggest"
BODY = {"text": "delete the build", "model": "far:echo", "shell": "bash"}


async def test_a_suggestion_is_a_command_a_reason_and_a_warning(
    serve: Any, fake: FakeProvider
) -> None:
    said = {"command": "rm -r build", "explanation": "It deletes it.", "dangerous": False}
    fake.script.append(json.dumps(said))
    async with serve() as http:
        answer = (await http.post(URL, json=BODY)).json()
    assert answer["command"] == "rm -r build"
    assert answer["explanation"] == "It deletes it."
    assert answer["dangerous"] is True
    assert answer["text"].startswith("```sh\nrm -r build\n```\n\nIt deletes it.")
    schema = fake.requests[0]["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["command", "explanation", "dangerous"]


async def test_a_streamed_suggestion_comes_whole(serve: Any, fake: FakeProvider) -> None:
    fake.script.append('{"command": "ls", "explanation": "It lists.", "dangerous": false}')
    async with serve() as http:
        [done] = events_of((await http.post(URL, json={**BODY, "stream": True})).content)
    assert done.name == "done"
    told = json.loads(done.data)
    assert (told["command"], told["dangerous"]) == ("ls", False)


async def test_no_command_is_an_error(serve: Any, fake: FakeProvider) -> None:
    fake.script.append("I would rather not.")
    async with serve() as http:
        answer = await http.post(URL, json=BODY)
    assert answer.status_code == 502
    assert "no command" in answer.json()["error"]["message"]


async def test_a_small_model_is_shown_examples_and_held_to_a_form(serve: Any, server: Any) -> None:
    server.names = ["echo"]
    async with serve(local=server) as http:
        answer = await http.post(URL, json={**BODY, "model": "local:echo"})
        debug = {"text": "make", "output": "make: no rule", "exit_code": 2, "model": "local:echo"}
        await http.post("/v1/zeke/terminal/debug", json=debug)
        suggest, failed = server.fake.requests
    assert answer.json()["command"]
    assert len(suggest["messages"]) > 4
    schema = suggest["response_format"]["json_schema"]["schema"]
    assert "pattern" in schema["properties"]["command"]
    assert "What to do" in failed["grammar"]
    assert "Exit code: 2" in failed["messages"][-1]["content"]
