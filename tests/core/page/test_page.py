from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import httpx
import pytest

from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.page.page import Page, from_here
from zeke_bridge.model.errors import ConfigError

HERE, THERE = ("127.0.0.1", 50000), ("192.168.1.7", 50000)


@pytest.mark.anyio
async def test_it_is_html_that_nothing_else_may_use(serve: Any) -> None:
    async with serve() as site:
        answer = await site.http.get("/")
        head = await site.http.head("/")
        posted = await site.http.post("/")
    assert answer.status_code == head.status_code == 200
    assert answer.text.startswith("<!doctype html>")
    assert head.content == b""
    assert posted.status_code == 405
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'sha"
    )
    for name, value in {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert answer.headers[name] == value
    assert "set-cookie" not in answer.headers


@pytest.mark.anyio
async def test_it_shows_what_was_asked(serve: Any) -> None:
    async with serve() as site:
        assert "No question yet" in (await site.http.get("/")).text
        await site.chat("far:echo", "Hello")
        await site.chat("far:echo", "Hello")
        await site.chat("near:gone404", "Hello")
        text = (await site.http.get("/?refresh=0")).text
    assert "No question yet" not in text
    for words in ("far:echo", "from the cache", "near:gone404", "unknown model", "1 failed"):
        assert words in text
    assert "No key: shut." in text
    assert "http-equiv" not in text


@pytest.mark.anyio
async def test_it_makes_no_call_to_a_provider(serve: Any, settled: GhostConfig) -> None:
    dead = {
        name: dataclasses.replace(row, base_url="http://127.0.0.1:1/v1")
        for name, row in settled.providers.items()
    }
    async with serve(dataclasses.replace(settled, providers=dead)) as site:
        text = (await site.http.get("/")).text
    assert "unreachable" not in text


@pytest.mark.anyio
async def test_a_wrong_configuration_is_said(
    serve: Any, settled: GhostConfig, tmp_path: Path
) -> None:
    def load() -> GhostConfig:
        if not (tmp_path / "config.toml").exists():
            return settled
        raise ConfigError("config.toml, line 1: prioritty is not known <here>.")

    async with serve(load=load) as site:
        assert "mistake" not in (await site.http.get("/")).text
        (tmp_path / "config.toml").write_text("prioritty = 1")
        text = (await site.http.get("/")).text
    assert "The configuration has a mistake" in text
    assert "prioritty is not known &lt;here&gt;." in text


@pytest.mark.anyio
async def test_while_there_is_a_key_it_is_needed_here_too(serve: Any, keys: ClientKeys) -> None:
    async with serve() as site:
        _, secret = keys.create("laptop", 0)
        refused = await site.http.get("/")
        shown = await site.http.get("/", headers={"Authorization": f"Bearer {secret}"})
        wrong = await site.http.get("/", headers={"Authorization": "Bearer gk-wrong"})
        asked = await site.http.get("/stats")
    assert refused.status_code == wrong.status_code == 401
    assert refused.headers["content-type"] == "text/plain; charset=utf-8"
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["cache-control"] == "no-store"
    assert 'curl -H "Authorization: Bearer KEY"' in refused.text
    assert shown.status_code == 200
    assert shown.text.startswith("<!doctype html>")
    assert asked.json()["error"]["code"] == "access_denied"


@pytest.mark.anyio
async def test_another_name_for_this_machine_gets_nothing(serve: Any) -> None:
    async with serve() as site:
        answer = await site.http.get("/", headers={"Host": "evil.example"})
        framed = await site.http.get("/", headers={"Origin": "https://evil.example"})
    assert answer.status_code == framed.status_code == 403
    assert "<html" not in answer.text + framed.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("client", "server"),
    [(THERE, HERE), (HERE, THERE), (None, HERE), (HERE, None), (None, ("/run/core.sock", None))],
)
async def test_who_is_elsewhere_gets_no_page(client: Any, server: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        from starlette.requests import Request

        answer = await page.show(Request({**scope, "client": client, "server": server}))
        await answer(scope, receive, send)

    page = Page(None, None)  # type: ignore[arg-type] - nothing is looked up for them
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://core") as http:
        answer = await http.get("/")
    assert answer.status_code == 403
    assert "GET /stats" in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_what_counts_as_here(address: str, known: bool) -> None:
    assert from_here({"client": (address, 1), "server": HERE}) is known
    assert from_here({"client": HERE, "server": (address, 1)}) is known
    assert not from_here({})


@pytest.mark.anyio
async def test_it_is_shown_over_the_newer_protocol_too(serve: Any) -> None:
    async with serve(host="::1") as site:
        text = (await site.http.get("/")).text
    assert f"curl {site.address}/v1/chat/completions" in text
