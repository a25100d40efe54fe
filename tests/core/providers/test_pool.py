from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.pool import Pool
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import AuthError, ContextError, ProviderError, UnreachableError
from zeke_bridge.wire.openai import delta_text

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
async def other() -> AsyncIterator[FakeProvider]:
    async with FakeProvider(key=KEY) as running:
        yield running


Make = Callable[..., Pool]


@pytest.fixture
async def make(keys: Callable[..., Keys], limits: Limits) -> AsyncIterator[Make]:
    """Makes a pool of the given base URLs."""
    made: list[Any] = []

    def pool(*urls: str, key: str = KEY) -> Pool:
        config = ProviderConfig("far", urls[0], "FAR_KEY", backups=urls[1:])
        made.append(build(config, keys(far=key), limits))
        return made[-1]

    yield pool
    for one in made:
        await one.aclose()


def asked(model: str = "echo") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hi"}]}


async def streamed(pool: Pool, model: str = "echo") -> str:
    async with contextlib.aclosing(pool.stream(asked(model))) as events:
        return "".join([delta_text(chunk.body) async for came in events for chunk in came])


async def test_the_least_busy_one_is_asked(
    fake: FakeProvider, other: FakeProvider, make: Make
) -> None:
    pool = make(fake.base_url, other.base_url)
    running = asyncio.create_task(streamed(pool, "held"))
    await fake.until(fake.held)
    await pool.answer(asked())
    await pool.answer(asked())
    assert (len(fake.requests), len(other.requests)) == (1, 2)
    fake.release()
    assert await running == "first second"
    await pool.answer(asked())
    assert (len(fake.requests), len(other.requests)) == (2, 2)


@pytest.mark.parametrize("ask", [streamed, lambda pool: pool.answer(asked())])
async def test_another_one_takes_over_what_has_not_begun(
    other: FakeProvider, make: Make, ask: Any
) -> None:
    pool = make(NOWHERE, other.base_url)
    assert await ask(pool)
    assert len(other.requests) == 1


async def test_a_half_answer_is_not_begun_again(
    fake: FakeProvider, other: FakeProvider, make: Make
) -> None:
    pool = make(fake.base_url, other.base_url)
    with pytest.raises(UnreachableError):
        await streamed(pool, "reset")
    assert (len(fake.requests), len(other.requests)) == (1, 0)


@pytest.mark.parametrize(("model", "kind"), [("refuse401", AuthError), ("long400", ContextError)])
async def test_what_is_wrong_everywhere_is_asked_once(
    fake: FakeProvider, other: FakeProvider, make: Make, model: str, kind: type[Exception]
) -> None:
    pool = make(fake.base_url, other.base_url)
    with pytest.raises(kind):
        await pool.answer(asked(model))
    assert (len(fake.requests), len(other.requests)) == (1, 0)
    assert pool.state() == ("1 of 2 endpoints" if kind is AuthError else "healthy")


async def test_one_that_keeps_failing_is_left_alone(
    fake: FakeProvider, other: FakeProvider, make: Make
) -> None:
    pool = make(fake.base_url, other.base_url)
    for _ in range(5):
        with pytest.raises(ProviderError):
            await pool.answer(asked("boom500"))
    # Every call has failed at both, so that the model rests at both, and one is asked all the same.
    assert (len(fake.requests), len(other.requests)) == (5, 5)
    with pytest.raises(ProviderError):
        await pool.answer(asked("boom500"))
    assert (len(fake.requests), len(other.requests)) == (6, 5)
    # Another model is as well as before.
    assert (pool.offer().health, pool.state()) == ("", "healthy")
    assert await streamed(pool)
    assert (len(fake.requests), len(other.requests)) == (7, 5)


async def test_one_that_is_out_of_reach_is_left_alone(make: Make) -> None:
    pool = make(NOWHERE, "http://127.0.0.1:9/v2")
    for number in range(5):
        with pytest.raises(UnreachableError):
            await pool.answer(asked(f"model-{number}"))
    assert "resting for" in pool.offer().health
    assert pool.state() == "resting"


async def test_a_failed_one_is_asked_after_the_others(other: FakeProvider, make: Make) -> None:
    pool = make(NOWHERE, other.base_url)
    await pool.answer(asked())
    assert pool.state() == "1 of 2 endpoints"
    await pool.answer(asked())
    assert [member.failures("echo") for member in pool._members] == [1, 0]


async def test_all_of_them_out_of_reach(make: Make) -> None:
    pool = make(NOWHERE, "http://127.0.0.1:9/v2")
    with pytest.raises(UnreachableError):
        await pool.answer(asked())
    with pytest.raises(UnreachableError):
        await pool.probe()
    with pytest.raises(UnreachableError):
        await streamed(pool)
    assert pool.state() == "unreachable"


async def test_a_probe_is_content_with_one(other: FakeProvider, make: Make) -> None:
    pool = make(NOWHERE, other.base_url)
    await pool.probe()
    assert "echo" in await pool.models()
    assert "echo" in (pool.offer().models or ())
    assert pool.traits("echo") == Traits()


async def test_a_client_that_leaves_is_nobodys_fault(
    fake: FakeProvider, other: FakeProvider, make: Make
) -> None:
    pool = make(fake.base_url, other.base_url)
    events = pool.stream(asked("held"))
    await anext(events)
    await events.aclose()
    await fake.until(fake.left)
    assert [(one.running, one.failures("held")) for one in pool._members] == [(0, 0), (0, 0)]


async def test_without_a_key_none_can_be_asked(fake: FakeProvider, make: Make) -> None:
    pool = make(fake.base_url, NOWHERE, key="")
    assert pool.offer().obstacle == "no key"
    assert pool.state() == "no key"
    assert not pool.fills("echo")
