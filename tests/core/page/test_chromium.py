"""The page as people get it: in a browser, in both schemes, on a telephone and on a desk."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Any

import pytest

from tests.core.page.picture import PICTURE
from tests.fakes import figures
from tests.fakes.chromium import Chromium, Look, pixels
from zeke_bridge.core.page import page
from zeke_bridge.core.page.view import view
from zeke_bridge.model.stats import Stats

pytestmark = pytest.mark.anyio

KINDS = (
    ("explain", {"model": "far:echo"}),
    ("refactor", {"instruction": "rename", "model": "near:echo"}),
    ("analyze", {"kinds": ["quality"], "model": "near:echo"}),
)


async def seen(browser: Chromium, url: str, width: int = 1280, **more: Any) -> Look:
    return await asyncio.to_thread(browser.look, url, width, **more)


def sound(look: Look, url: str) -> None:
    """Nothing was loaded, run or complained of; it can be read."""
    assert look.status == 200
    assert look.requests == [url]
    assert look.complaints == []
    assert look.faint == []
    assert look.png.startswith(b"\x89PNG")
    assert len(set(pixels(look.png))) > 100


def show(monkeypatch: pytest.MonkeyPatch, stats: Stats) -> None:
    async def report(_relay: object, _since: float) -> Stats:
        return stats

    monkeypatch.setattr(page, "report", report)
    monkeypatch.setattr(page, "view", lambda held, wrong, _: view(held, wrong, figures.NOW, UTC))


async def ask_much(site: Any) -> None:
    """Sixty questions: whole, streamed, kept, tools, the tasks of Zeke, and failures."""
    for at in range(8):
        await site.chat("far:echo", f"Question {at}")
        await site.chat("far:echo", f"Question {at}", stream=True)
        await site.chat("near:echo", f"Question {at}")
        await site.chat("auto", f"Another {at}")
        tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
        await site.chat("near:tools", f"Look {at}", tools=[tool])
    for at in range(6):
        for task, body in KINDS:
            await site.http.post(f"/v1/zeke/code/{task}", json={"code": f"x = {at // 2}", **body})
    await site.chat("far:long400", "no")
    await site.chat("near:gone404", "no")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_core_that_was_asked_much(browser: Chromium, serve: Any, dark: bool) -> None:
    async with serve() as site:
        await ask_much(site)
        stats = (await site.http.get("/stats")).json()
        url = f"{site.address}/?refresh=0"
        look = await seen(browser, url, dark=dark)
    sound(look, url)
    assert stats["requests"]["today"] == 60
    costs, cache = stats["costs"], stats["cache"]
    assert costs["today"] > 0.1
    assert cache["hits"] > 10
    for figure in (
        "60 in all",
        f"{stats['requests']['errors_today']} failed",
        f"${costs['today']:.2f}",
        f"{cache['hits']} of {cache['hits'] + cache['misses']} since the start",
        "No key: shut.",
        "from the cache",
        "unknown model",
    ):
        assert figure in look.text
    for row in stats["routes"]:
        assert row["model"] in look.text
        assert row["reason"] in look.text
    assert (sum(look.corner) < 200) is dark


@pytest.mark.parametrize(
    ("of", "width", "dark"),
    [
        (figures.usual, 360, True),
        (figures.usual, 768, False),
        (figures.usual, 1400, True),
        (figures.crowd, 360, False),
        (figures.crowd, 1400, True),
        (figures.odd, 360, True),
        (Stats, 360, False),
        (Stats, 1400, True),
    ],
)
async def test_it_fits_and_can_be_read(
    browser: Chromium, serve: Any, monkeypatch: pytest.MonkeyPatch, of: Any, width: int, dark: bool
) -> None:
    show(monkeypatch, of())
    async with serve() as site:
        url = f"{site.address}/?refresh=0"
        look = await seen(browser, url, width, dark=dark)
    sound(look, url)
    assert look.width == width


@pytest.mark.parametrize("width", [360, 1280])
async def test_a_screen_reader_gets_tables_and_drawings_by_name(
    browser: Chromium, serve: Any, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    show(monkeypatch, figures.usual())
    async with serve() as site:
        look = await seen(browser, f"{site.address}/?refresh=0", width)
    named = set(look.tree)
    for title in ("Providers", "Cost by provider", "Models", "Routes taken"):
        assert any(role == "table" and name.startswith(title) for role, name in named), title
    for title in ("Cost per day", "Requests per day", "Response time"):
        assert any(role in {"image", "img"} and name.startswith(title) for role, name in named)
        assert ("figure", title) in named
    assert ("link", "Refresh by itself") in named
    roles = [role for role, _ in look.tree]
    assert roles.count("row") == 7 + 7 + 7 + 21
    assert roles.count("columnheader") == 5 + 4 + 4 + 6
    assert {"banner", "main", "heading"} <= set(roles)


async def test_the_page_for_who_has_no_key(browser: Chromium, serve: Any, keys: Any) -> None:
    keys.create("laptop", 0)
    async with serve() as site:
        look = await seen(browser, f"{site.address}/")
    assert look.status == 401
    assert "a browser cannot send one" in look.text


async def test_the_picture_in_the_documents_is_small() -> None:
    """``python -m tests.core.page.picture`` draws it."""
    drawn = PICTURE.read_bytes()
    assert len(drawn) <= 200 * 1024
    assert len(set(pixels(drawn))) > 100
