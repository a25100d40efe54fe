"""Logins of an editor: their events, and that one that was ended asks nobody any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zeke_bridge.broker.login import Logins
from zeke_bridge.model.account import KeyTrial, LoginCode
from zeke_bridge.model.errors import AuthError

pytestmark = pytest.mark.anyio

CODE = LoginCode("ABCD-1234\x1b[2J", "https://github.com/login/device", 900.0)


class Accounts:
    """A provider where somebody types the code once ``typed`` is set."""

    def __init__(self) -> None:
        self.typed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.left = asyncio.Event()

    async def keep(self, provider: str, key: str) -> str:
        raise AssertionError

    async def test(self, provider: str, key: str) -> KeyTrial:
        raise AssertionError

    async def log_in(self, provider: str, shown: Callable[[LoginCode], None]) -> str:
        shown(CODE)
        try:
            return await self.typed
        finally:
            self.left.set()


class Sink:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def send(self, name: str, payload: Any) -> None:
        self.events.append((name, dict(payload)))
        self._more.set()

    async def wait(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()


async def test_a_login_from_its_code_to_its_end() -> None:
    accounts, sink = Accounts(), Sink()
    Logins(accounts, sink).start("github")
    await sink.wait(1)
    name, code = sink.events[0]
    assert (name, code["provider"], code["expires_in"]) == ("auth.code", "github", 900.0)
    assert "\x1b" not in code["user_code"]
    accounts.typed.set_result("the keyring")
    await sink.wait(2)
    assert sink.events[1] == ("auth.done", {"provider": "github", "stored": "the keyring"})


async def test_a_login_that_fails() -> None:
    accounts, sink = Accounts(), Sink()
    Logins(accounts, sink).start("github")
    accounts.typed.set_exception(AuthError("The login was refused at GitHub: try again."))
    await sink.wait(2)
    assert sink.events[1] == (
        "auth.failed",
        {
            "provider": "github",
            "code": "auth_failed",
            "message": "The login was refused at GitHub: try again.",
        },
    )


async def test_a_login_that_breaks_is_a_sentence() -> None:
    accounts, sink = Accounts(), Sink()
    Logins(accounts, sink).start("github")
    accounts.typed.set_exception(RuntimeError("the secret"))
    await sink.wait(2)
    assert "the secret" not in str(sink.events[1])
    assert sink.events[1][1]["code"] == "internal"


async def test_a_cancelled_login_is_silent_and_over() -> None:
    accounts, sink = Accounts(), Sink()
    logins = Logins(accounts, sink)
    assert not logins.cancel()
    logins.start("github")
    await sink.wait(1)
    assert logins.cancel()
    async with asyncio.timeout(30):
        await accounts.left.wait()
    assert [name for name, _ in sink.events] == ["auth.code"]


async def test_another_login_ends_the_first() -> None:
    accounts, sink = Accounts(), Sink()
    logins = Logins(accounts, sink)
    logins.start("github")
    await sink.wait(1)
    logins.start("github")
    async with asyncio.timeout(30):
        await accounts.left.wait()
    await sink.wait(2)
    assert [name for name, _ in sink.events] == ["auth.code", "auth.code"]
    logins.cancel()
