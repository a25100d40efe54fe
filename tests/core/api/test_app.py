from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.core.conftest import QUICK
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.core.api.request import MAX_BODY
from zeke_bridge.core.relay.relay import Relay

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "Hello"}]
CODE = {"code": "x = 1", "model": "far:echo"}


async def test_models_are_named_with_their_provider(serve: Any, server: Any) -> None:
    async with serve(local=server) as http:
        rows = (await http.get("/v1/models")).json()["data"]
    assert rows[0] == {
        "id": "local:tiny",
        "object": "model",
        "created": 0,
        "owned_by": "local",
        "local": True,
        "input_price": 0.0,
        "output_price": 0.0,
        "context": 0,
    }
    assert {"far:echo", "far:slow"} < {row["id"] for row in rows}


async def test_a_provider_that_does_not_answer_is_left_out_of_the_models(
    serve: Any, server: Any, settled: GhostConfig
) -> None:
    dead = ProviderConfig("far", "http://127.0.0.1:1/v1")
    config = dataclasses.replace(settled, providers={"far": dead})
    async with serve(config, local=server) as http:
        rows = (await http.get("/v1/models")).json()["data"]
        health = (await http.get("/health")).json()
    assert [row["id"] for row in rows] == ["local:tiny"]
    assert health["providers"] == {"local": "healthy", "far": "unreachable"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/chat/completions", "invalid_request_error"),
        ("/v1/messages", "invalid_request_error"),
        ("/v1/zeke/code/explain", "invalid_request_error"),
    ],
)
async def test_a_body_that_does_not_come_is_the_clients_delay(
    serve: Any, tmp_path: Path, path: str, kind: str
) -> None:
    head = "Host: core\r\nContent-Type: application/json\r\nContent-Length: 9"
    async with serve(limits=dataclasses.replace(QUICK, upload=0.05)):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "core.sock")
        writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n\r\n{{".encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"\r\nconnection: close" in first
    error = json.loads(body)["error"]
    assert error["message"] == "The request did not come in time: send it again."
    assert error["type"] == kind


async def test_health_makes_no_call(serve: Any, server: Any, fake: FakeProvider) -> None:
    server.names = []
    async with serve(local=server, keys={}) as http:
        health = (await http.get("/health")).json()
        assert health["status"] == "degraded"
        assert health["providers"] == {"local": "not installed", "far": "no key"}
        assert health["requests_served"] == 0
        server.names = ["tiny"]
        await http.post("/v1/zeke/code/explain", json=CODE)
        health = (await http.get("/health")).json()
    assert health["status"] == "healthy"
    assert health["requests_served"] == 1
    assert health["uptime_s"] >= 0
    assert health["uptime"].endswith("s")
    assert fake.requests == []


async def test_no_model_at_all_names_the_commands(serve: Any, server: Any) -> None:
    server.names = []
    async with serve(local=server, keys={}) as http:
        for path, body in [
            ("/v1/zeke/code/explain", {"code": "x"}),
            ("/v1/zeke/code/analyze", {"code": "x", "kinds": ["quality"], "stream": True}),
            ("/v1/chat/completions", {"messages": HELLO, "stream": True}),
        ]:
            answer = await http.post(path, json=body)
            assert answer.status_code == 503
            error = answer.json()["error"]
            assert error["code"] == "no_model"
            assert "zeke model install" in error["message"]
            assert ":ZekeAuth" in error["message"]


async def test_auto_takes_what_is_ready_and_local_only_nothing_else(
    serve: Any, server: Any, fake: FakeProvider
) -> None:
    server.names = ["echo"]
    async with serve(local=server) as http:
        body = {"code": "x", "local_only": True}
        answer = (await http.post("/v1/zeke/code/explain", json=body)).json()
        assert (answer["provider"], answer["model"]) == ("local", "echo")
        server.names = []
        answer = (await http.post("/v1/zeke/code/explain", json={"code": "x"})).json()
        assert answer["provider"] == "far"
        for model in ("auto", "echo", "far:echo"):
            body = {"code": "y", "model": model, "local_only": True}
            refused = await http.post("/v1/zeke/code/explain", json=body)
            assert refused.status_code == 503
    assert len(fake.requests) == 1


async def test_small_models_get_sampling_options_and_others_do_not(
    serve: Any, server: Any, fake: FakeProvider
) -> None:
    server.names = ["echo"]
    async with serve(local=server) as http:
        await http.post("/v1/zeke/code/explain", json={"code": "x", "model": "local:echo"})
        await http.post("/v1/zeke/code/explain", json=CODE)
        assert server.fake.requests[0]["temperature"] == 0.2
    assert "temperature" not in fake.requests[0]


async def test_an_unknown_model_names_the_nearest(serve: Any) -> None:
    async with serve() as http:
        await http.get("/v1/models")
        for model in ("far:ecko", "ecko"):
            answer = await http.post("/v1/zeke/code/explain", json={**CODE, "model": model})
            assert answer.status_code == 404
            assert "far:echo" in answer.json()["error"]["message"]
            assert ":ZekeSetModel" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (b"{", "application/json", "not JSON"),
        (b"\xff", "application/json", "not JSON"),
        (b"{}", "text/plain", "Content-Type"),
        (b"[]", "application/json", ""),
        (b"{}", "application/json", "code"),
        (b" " * (MAX_BODY + 1), "application/json", "16 MiB"),
    ],
)
async def test_a_bad_body_is_a_sentence(serve: Any, raw: bytes, kind: str, words: str) -> None:
    async with serve() as http:
        answer = await http.post(
            "/v1/zeke/code/explain", content=raw, headers={"Content-Type": kind}
        )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_input"
    assert words in answer.json()["error"]["message"]


async def test_a_path_or_method_that_is_not_there(serve: Any) -> None:
    async with serve() as http:
        nothing, wrong = await http.get("/nothing"), await http.get("/v1/chat/completions")
        options = await http.options("/v1/chat/completions")
    assert (nothing.status_code, wrong.status_code) == (404, 405)
    for answer in (nothing, wrong):
        assert answer.json()["error"]["code"] == "bad_input"
        assert "There is no GET" in answer.json()["error"]["message"]
    assert wrong.headers["allow"] == options.headers["allow"] == "OPTIONS, POST"
    assert (options.status_code, options.content) == (204, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions/",
        "/chat/completions",
        "/chat/completions/",
        "/v1/v1/chat/completions",
    ],
)
async def test_paths_are_taken_as_clients_write_them(serve: Any, path: str) -> None:
    async with serve() as http:
        answer = await http.post(path, json={"model": "far:echo", "messages": HELLO})
    assert answer.status_code == 200


async def test_one_model_is_found_by_either_of_its_names(serve: Any) -> None:
    async with serve() as http:
        whole = await http.get("/v1/models/far:echo")
        bare = await http.get("/models/echo")
        missing = await http.get("/v1/models/far:ecko")
        pattern = await http.get("/v1/models/{id:path}")
        head = await http.head("/v1/models/far:echo")
    assert whole.json() == bare.json()
    assert whole.json()["id"] == "far:echo"
    assert (pattern.status_code, pattern.json()["error"]["code"]) == (404, "unknown_model")
    assert missing.status_code == 404
    assert "far:echo" in missing.json()["error"]["message"]
    assert (head.status_code, head.content) == (200, b"")


async def test_a_mistake_of_our_own_is_logged_and_not_shown(
    serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of it")

    monkeypatch.setattr(Relay, "call", broken)
    async with serve() as http:
        for stream in (True, False):
            answer = await http.post("/v1/zeke/code/explain", json={**CODE, "stream": stream})
            assert answer.status_code == 500
            assert answer.json()["error"]["code"] == "core_failed"
            assert "secret" not in answer.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "ZeroDivisionError" in caplog.text


async def test_the_key_is_in_no_log_and_no_error(
    serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(keys={"far": "sk-wrong-one"}) as http:
        answer = await http.post("/v1/zeke/code/explain", json=CODE)
    assert answer.status_code == 401
    assert "sk-wrong-one" not in answer.text + caplog.text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_is_only_listed_is_not_recommended(
    serve: Any, fake: FakeProvider, stream: bool
) -> None:
    fake.models = ["gone404", "gone405", "echo"]
    async with serve() as http:
        await http.get("/v1/models")
        body = {"model": "far:gone404", "messages": HELLO, "stream": stream}
        answer = await http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == (
        "far lists far:gone404 but does not serve it (nearest: far:gone405): "
        "choose another with `:ZekeSetModel`."
    )
