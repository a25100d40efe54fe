from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.copilot import LOGIN, Copilot
from zeke_bridge.core.providers.copilot.login import CLIENT_ID, Login
from zeke_bridge.model.errors import AuthError, BadAnswerError, TimedOutError

pytestmark = pytest.mark.anyio


class Pauses:
    """A clock that a test can read: every pause is over at once."""

    def __init__(self) -> None:
        self.lengths: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.lengths.append(seconds)


@pytest.fixture
async def github() -> AsyncIterator[Copilot]:
    async with Copilot() as running:
        yield running


@pytest.fixture
async def login(github: Copilot, limits) -> AsyncIterator[Login]:
    made = Login(limits, github.root)
    yield made
    await made.aclose()


async def test_a_login(login: Login, github: Copilot) -> None:
    github.polls += [{"error": "authorization_pending"}, {"error": "authorization_pending"}]
    code, pauses = await login.begin(), Pauses()
    assert (code.user_code, code.verification_uri) == (
        "ABCD-1234",
        "https://github.com/login/device",
    )
    assert "the-device" not in repr(code)
    assert await login.finish(code, pauses) == LOGIN
    assert pauses.lengths == [5, 5, 5]
    assert github.polled[0] == {
        "client_id": CLIENT_ID,
        "device_code": "the-device",
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    }


@pytest.mark.parametrize(
    ("said", "then"), [({}, 10), ({"interval": 17}, 17), ({"interval": 1}, 10)]
)
async def test_slow_down_is_heeded(
    login: Login, github: Copilot, said: dict[str, int], then: float
) -> None:
    github.polls += [{"error": "slow_down", **said}, {"error": "authorization_pending"}]
    pauses = Pauses()
    assert await login.finish(await login.begin(), pauses) == LOGIN
    assert pauses.lengths == [5, then, then]


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("access_denied", AuthError, "refused at GitHub"),
        ("expired_token", TimedOutError, "Nobody typed the code"),
        ("incorrect_device_code", AuthError, "incorrect_device_code"),
    ],
)
async def test_a_login_that_comes_to_nothing(
    login: Login, github: Copilot, reason: str, kind: type[Exception], words: str
) -> None:
    github.polls.append({"error": reason})
    with pytest.raises(kind, match=words):
        await login.finish(await login.begin(), Pauses())


async def test_a_code_that_nobody_types(login: Login, github: Copilot) -> None:
    github.polls += [{"error": "authorization_pending"}] * 1000
    pauses = Pauses()
    with pytest.raises(TimedOutError, match="ghostllm auth login github"):
        await login.finish(await login.begin(), pauses)
    assert sum(pauses.lengths) == 900


async def test_a_server_that_is_no_github(github: Copilot, limits) -> None:
    other = Login(limits, github.root + "/nowhere")
    with pytest.raises(BadAnswerError):
        await other.begin()
    await other.aclose()
