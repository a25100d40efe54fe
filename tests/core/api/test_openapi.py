"""The document against a running core: what schemathesis makes up of it is answered as it says."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from jsonschema import Draft202012Validator
from schemathesis import engine
from schemathesis.engine import events

from tests.core.conftest import KEY, QUICK, FakeServer
from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.api.document.document import document
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.serving import serve_port

PATIENCE = 20.0
LONG = 4000


class Running:
    """A core in a thread of its own, because schemathesis waits for its answers."""

    def __init__(self, config: GhostConfig, local: FakeServer, directory: Path) -> None:
        self.url = self.key = ""
        self._config = config
        self._local = local
        self._directory = directory
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        file = KeyFile(self._directory / "auth.json")
        core = build_core(self._config, file, self._local, {"far": KEY}, QUICK)
        clients = ClientKeys(self._directory / "clients.json")
        _client, self.key = clients.create("tester", time.time())
        app = guard(core.app, clients, Serving(), loopback=True)
        served = await serve_port(app, "127.0.0.1", 0)
        self.url = served.address
        self._ready.set()
        await self._stop.wait()
        await served.aclose()
        await core.aclose()
        await self._local.stop()


@pytest.fixture
def running(settled: GhostConfig, server: FakeServer, tmp_path: Path) -> Iterator[Running]:
    server.names = ["echo"]
    # Names of the fake's bad habits may be made up too.
    well = dataclasses.replace(settled.providers["far"], models=("echo", "text-embedding-fake"))
    config = dataclasses.replace(settled, order=("far", "local"), providers={"far": well})
    with Running(config, server, tmp_path) as core:
        yield core


def without_long_limits(node: Any) -> Any:
    """``node`` without the limits of long texts: making up texts around them takes minutes."""
    if isinstance(node, list):
        return [without_long_limits(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_long_limits(value)
        for key, value in node.items()
        if key != "maxLength" or value <= LONG
    }


@pytest.mark.timeout(300)
def test_the_core_does_what_the_document_says(running: Running) -> None:
    """No failure of its own, no answer of another shape, and bad data is refused."""
    settings = {
        "seed": 1,
        "base-url": running.url,
        "headers": {"Authorization": f"Bearer {running.key}", "Cache-Control": "no-store"},
        "request-timeout": PATIENCE,
        "generation": {"max-examples": 5, "deterministic": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        # Its body is that of /v1/messages, which has as many cases as all the others together.
        "operations": [
            {
                "include-path": "/v1/messages/count_tokens",
                "phases": {"coverage": {"enabled": False}},
            }
        ],
    }
    api = schemathesis.openapi.from_dict(
        without_long_limits(document()), config=schemathesis.Config.from_dict(settings)
    )
    api.hook("filter_failure")(counts)
    failures, tested = [], set()
    for event in engine.from_schema(api).execute():
        assert not isinstance(event, events.FatalError | events.NonFatalError), event
        if isinstance(event, events.ScenarioFinished):
            tested.add(event.label)
            for case, checks in event.recorder.checks.items():
                told = event.recorder.interactions[case].response
                shaped(told)
                failures += [
                    (event.label, check.failure_info.failure.message, told.content[:500])
                    for check in checks
                    if check.failure_info is not None
                ]
    assert failures == []
    assert tested >= {
        f"{method.upper()} {path}" for path, row in document()["paths"].items() for method in row
    }


def shaped(answer: Any) -> None:
    """Fail unless an error is a sentence with a code."""
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        error = json.loads(answer.content)["error"]
        assert error["message"].endswith((".", "…"))
        assert error["code"]


def counts(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether it is more than what no schema can say."""
    if case.path == "/v1/zeke/code/analyze" and "an id occurs twice" in response.text:
        ids = [item["id"] for item in case.body["items"]]
        return len(set(ids)) == len(ids)
    if case.path == "/v1/embeddings" and "makes no embeddings" in response.text:
        return False
    if response.status_code == 200 and allowed(case.method, case.path, case.body):
        # Changed so that one of several forms does not fit, and then another one does.
        return "should have been rejected" not in failure.message
    if response.status_code == 503:
        # The small model of this machine makes no vectors and sees no pictures.
        own = case.body.get("zeke") or case.body
        code = response.json()["error"]["code"]
        return not (own.get("local_only") and code in {"no_model", "model_unable"})
    return True


def allowed(method: str, path: str, body: Any) -> bool:
    """Whether the document itself takes ``body`` there."""
    whole = document()
    if "requestBody" not in whole["paths"][path][method.lower()]:
        return False
    inner = path.replace("/", "~1")
    way = f"#/paths/{inner}/{method.lower()}/requestBody/content/application~1json/schema"
    return jsonschema.Draft202012Validator({**whole, "$ref": way}).is_valid(body)


@pytest.mark.anyio
async def test_every_way_in_is_in_the_document(settled: GhostConfig, tmp_path: Path) -> None:
    """But for the page at ``/``, and for other spellings of a path."""
    core = build_core(settled, KeyFile(tmp_path / "auth.json"))
    spelled: Any = core.app
    ways = {
        (method, route.path.replace("{id:path}", "{id}"))
        for route in spelled._app.routes
        for method in route.methods - {"HEAD"}
    }
    await core.aclose()
    offered = {
        (method.upper(), path) for path, row in document()["paths"].items() for method in row
    }
    assert offered <= ways
    others = {(method, path) for method, path in ways - offered if path != "/"}
    assert {(method, f"/v1{path}") for method, path in others} <= offered


def test_the_document_is_whole() -> None:
    """Every reference leads somewhere, every schema is one, and every operation has its name."""
    made = document()
    names = [one["operationId"] for row in made["paths"].values() for one in row.values()]
    assert len(set(names)) == len(names)
    for place in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(made)):
        node = made
        for step in place.split("/"):
            node = node[step]
    for schema in made["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
