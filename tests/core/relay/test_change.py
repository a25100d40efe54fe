"""What a changed configuration does to questions, providers, limits and caches."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.core.conftest import FakeServer
from tests.core.relay.conftest import (
    CHAT,
    PATIENCE,
    Closed,
    Files,
    Running,
    aliased,
    ask,
    provider,
    told,
)
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio


async def test_an_answer_on_its_way_ends_undisturbed(
    running: Running, files: Files, fake: FakeProvider, near: FakeProvider, closed: Closed
) -> None:
    async with running() as (core, http):
        body = {"model": "far:held", "messages": [{"role": "user", "content": "Hi"}]}
        async with http.stream("POST", CHAT, json={**body, "stream": True}) as answer:
            pieces = answer.aiter_bytes()
            seen = await anext(pieces)
            files.write(far=provider("near", near))
            assert (await ask(http, "near:echo")).json()["provider"] == "near"
            assert (await ask(http, "far:echo")).status_code in {400, 404, 503}
            assert "far" not in core.relay.setup.providers
            assert closed.names == []
            fake.release()
            seen += b"".join([piece async for piece in pieces])
        assert b"second" in seen
        assert seen.endswith(b"data: [DONE]\n\n")
        assert await closed.next() == "far"
        assert closed.names == []


async def test_it_is_undisturbed_by_a_second_change_too(
    running: Running, files: Files, fake: FakeProvider, near: FakeProvider, closed: Closed
) -> None:
    async with running() as (_, http):
        body = {"model": "far:held", "messages": [{"role": "user", "content": "Hi"}]}
        async with http.stream("POST", CHAT, json={**body, "stream": True}) as answer:
            pieces = answer.aiter_bytes()
            seen = await anext(pieces)
            # Both have it; only the third has not.
            files.write(provider("near", near))
            await ask(http, "near:echo")
            files.write(far=provider("near", near))
            await ask(http, "near:echo", "Again")
            await asyncio.wait_for(http.get("/health"), PATIENCE)
            assert closed.names == []
            fake.release()
            seen += b"".join([piece async for piece in pieces])
        assert b"second" in seen
        assert await closed.next() == "far"


async def test_what_did_not_change_stays_open(
    running: Running, files: Files, near: FakeProvider, closed: Closed
) -> None:
    files.write(provider("near", near))
    async with running() as (core, http):
        await ask(http, "far:echo")
        before = dict(core.relay.setup.providers)
        files.write(provider("near", near, "rates = { max_parallel = 4 }"))
        await ask(http, "far:echo", "Again")
        after = core.relay.setup.providers
        assert after["far"] is before["far"]
        assert after["near"] is not before["near"]
        assert await closed.next() == "near"
        assert closed.names == []
    assert closed.names.count("far") == closed.names.count("near") == 1


async def test_the_local_model_is_not_started_again(
    running: Running, files: Files, server: FakeServer
) -> None:
    server.names = ["tiny", "echo"]
    files.write("[models]\nlocal_preferred = 'echo'\n")
    async with running(server) as (core, http):
        assert (await ask(http, "local:echo")).status_code == 200
        process = server.fake
        files.write(aliased("local:echo"))
        assert (await ask(http, "mine", "Again")).json()["provider"] == "local"
        assert core.relay.setup.providers["local"].offer().preferred == ""
        assert (server.started, server.fake) == (1, process)
    assert server.fake is None


async def test_limits_count_at_once(running: Running, files: Files, fake: FakeProvider) -> None:
    async with running() as (_, http):
        assert (await ask(http, "far:echo", "One")).status_code == 200
        files.write("[rates]\nrequests_per_minute = 1\n")
        assert (await ask(http, "far:echo", "Two")).status_code == 200
        assert (await ask(http, "far:echo", "Three")).status_code == 429
        files.write(far=provider("far", fake, "rates = { requests_per_minute = 1 }"))
        assert (await ask(http, "far:echo", "Four")).status_code == 200
        refused = await ask(http, "far:echo", "Five")
        assert refused.status_code == 429
        assert "for far" in refused.json()["error"]["message"]
        files.write()
        assert (await ask(http, "far:echo", "Six")).status_code == 200


async def test_a_cost_limit_counts_at_once(running: Running, files: Files) -> None:
    dear = '[models."far:echo"]\ninput_cost_per_token = 1.0\noutput_cost_per_token = 1.0\n'
    files.write(dear)
    async with running() as (_, http):
        assert (await ask(http, "far:echo", "One")).json()["cost"]["total_cost"] > 1
        files.write(dear + "[costs]\ndaily_limit_usd = 1.0\n")
        assert (await ask(http, "far:echo", "Two")).status_code == 402
        files.write(dear + "[costs]\ndaily_limit_usd = 1000.0\n")
        assert (await ask(http, "far:echo", "Two")).status_code == 200


async def test_caching_counts_at_once(running: Running, files: Files) -> None:
    async with running() as (_, http):
        for cached in (False, True):
            assert (await ask(http, "far:echo")).json()["cached"] is cached
        files.write("[caching]\nenabled = false\n")
        for _ in range(2):
            assert (await ask(http, "far:echo")).json()["cached"] is False


async def test_what_an_old_name_answered_is_not_given_again(
    running: Running, files: Files, near: FakeProvider
) -> None:
    both = provider("near", near)
    files.write(both + aliased("far:echo"))
    async with running() as (_, http):
        assert (await ask(http, "mine")).json()["provider"] == "far"
        files.write(both + aliased("near:echo"))
        again = (await ask(http, "mine")).json()
        assert (again["provider"], again["cached"]) == ("near", False)


async def test_what_was_asked_before_a_change_is_not_shared_after_it(
    running: Running, files: Files, fake: FakeProvider, near: FakeProvider
) -> None:
    both = provider("near", near)
    files.write(both + aliased("far:held"))
    async with running() as (_, http):
        old = asyncio.create_task(ask(http, "mine"))
        await fake.until(fake.held)
        files.write(both + aliased("near:echo"))
        new = (await ask(http, "mine")).json()
        assert (new["provider"], new["cached"]) == ("near", False)
        fake.release()
        await old
        again = (await ask(http, "mine")).json()
        assert (again["provider"], again["cached"]) == ("near", True)


async def test_a_provider_that_moved_is_no_longer_ill(
    running: Running, files: Files, fake: FakeProvider, near: FakeProvider
) -> None:
    async with running() as (_, http):
        for number in range(5):
            assert (await ask(http, "far:html", f"{number}")).status_code == 502
        assert "far:html" in (await http.get("/health")).json()["resting"]
        files.write(far=provider("far", near))
        assert "resting" not in (await http.get("/health")).json()


async def test_the_request_log_is_turned_on_and_off(
    running: Running, files: Files, tmp_path: Path
) -> None:
    directory = tmp_path / "requests"
    async with running() as (core, http):
        await ask(http, "far:echo", "First")
        files.write(f'[logs]\nrequests = true\ndirectory = "{directory}"\n')
        await ask(http, "far:echo", "Second")
        files.write()
        await ask(http, "far:echo", "Third")
        assert core.relay.setup.log is None
    [written] = directory.iterdir()
    text = written.read_text()
    assert "Second" in text
    assert "First" not in text
    assert "Third" not in text


async def test_closing_a_core_does_not_wait_for_ever(
    running: Running, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeke_bridge.core.relay.reload._FAREWELL", 0.05)
    async with running() as (core, http):
        with core.relay.setup.in_use():
            files.write(aliased("far:echo"))
            await told(http)
            assert core.reload is not None
            await core.reload.aclose()
