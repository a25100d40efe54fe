from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from tests.fakes.asgi import HOST, App, ask, bearer
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.clients import ANYONE, MASTER
from zeke_bridge.core.access.guard import guard, refuse_strangers
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.model.errors import InputError

LONG_MASTER = "sk-a-long-master-key-12345"
Door = Callable[..., ASGIApp]


def test_on_loopback_without_keys_anyone_comes_in(door: Door, app: App) -> None:
    assert ask(door(), HOST).status == 200
    assert ask(door(), bearer("sk-anything")).status == 200
    assert app.clients == [ANYONE, ANYONE]


def test_once_there_is_a_key_it_is_needed(door: Door, app: App, keys: ClientKeys) -> None:
    behind = door()
    assert ask(behind, HOST).status == 200
    client, secret = keys.create("laptop", 0)
    answer = ask(behind, HOST)
    assert answer.status == 401
    assert answer.headers[b"www-authenticate"] == b"Bearer"
    assert answer.headers[b"content-type"] == b"application/json"
    assert answer.error["code"] == "access_denied"
    assert answer.error["type"] == "authentication_error"
    assert not answer.error["retryable"]
    for headers in (
        bearer(secret),
        [*HOST, (b"x-api-key", secret.encode())],
        [*HOST, (b"api-key", secret.encode())],
    ):
        assert ask(behind, headers).status == 200
        assert app.clients[-1] == client
    wrong = ask(behind, bearer(secret[:-1] + "_"))
    assert wrong.status == 401
    assert wrong.headers[b"www-authenticate"].startswith(b"Bearer ")
    keys.revoke("laptop", 1)
    assert ask(behind, bearer(secret)).status == 401
    assert ask(behind, HOST).status == 401


def test_elsewhere_than_on_loopback_a_key_is_always_needed(
    door: Door, app: App, keys: ClientKeys
) -> None:
    behind = door(Serving("0.0.0.0"), loopback=False)
    assert ask(behind, HOST).status == 401
    assert ask(behind, HOST, "GET", "/health").status == 401
    assert ask(behind, bearer("sk-anything")).status == 401
    client, secret = keys.create("laptop", 0)
    assert ask(behind, bearer(secret)).status == 200
    assert app.clients == [client]


def test_the_master_key_comes_in_even_when_the_file_is_damaged(
    door: Door, app: App, keys: ClientKeys
) -> None:
    keys.path.write_text("damaged")
    behind = door(Serving(master_key=LONG_MASTER))
    assert ask(behind, HOST).status == 401
    assert ask(behind, bearer(LONG_MASTER)).status == 200
    assert ask(behind, [*HOST, (b"x-api-key", LONG_MASTER.encode())]).status == 200
    assert app.clients == [MASTER, MASTER]


def test_a_master_key_may_hold_any_letters(door: Door, app: App) -> None:
    assert ask(door(Serving(master_key="schlüssel-🔑")), bearer("schlüssel-🔑")).status == 200


def test_an_expired_key_is_told_so(door: Door, keys: ClientKeys) -> None:
    _, secret = keys.create("guest", 0, expires=999)
    answer = ask(door(), bearer(secret))
    assert answer.status == 401
    assert "expired" in answer.error["message"]


def test_health_is_open_on_loopback_to_look_at(door: Door, app: App, keys: ClientKeys) -> None:
    keys.create("laptop", 0)
    assert ask(door(), HOST, "GET", "/health").status == 200
    assert ask(door(), HOST, "HEAD", "/health").status == 200
    assert ask(door(), HOST, "POST", "/health").status == 401
    assert ask(door(), HOST, "GET", "/stats").status == 401
    assert ask(door(), HOST, "GET", "/health/").status == 401
    assert ask(door(open_paths={"/"}), HOST, "GET", "/").status == 200


def test_keys_that_cannot_be_read_close_the_door_and_are_said_once(
    door: Door, keys: ClientKeys, caplog: pytest.LogCaptureFixture
) -> None:
    keys.path.write_text("damaged")
    behind = door()
    for _ in range(3):
        answer = ask(behind, bearer("gk-secret"))
        assert answer.status == 500
        assert str(keys.path) not in answer.body.decode()
    assert len(caplog.records) == 1
    assert str(keys.path) in caplog.text
    assert ask(behind, HOST, "GET", "/health").status == 200


def test_what_is_no_request(door: Door, app: App) -> None:
    ask(door(), [], type="lifespan")
    assert app.got == b"lifespan"
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(door()({"type": "websocket", "headers": []}, receive, send))  # type: ignore[arg-type]
    asyncio.run(door()({"type": "strange"}, receive, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert app.clients == []


def test_a_key_is_in_no_answer_and_no_log(
    door: Door,
    keys: ClientKeys,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    _, live = keys.create("laptop", 0)
    _, old = keys.create("guest", 0, expires=1)
    _, gone = keys.create("gone", 0)
    keys.revoke("gone", 1)
    secrets = [live, old, gone, LONG_MASTER, "gk-wrong-wrong-wrong"]
    said = ""
    for serving in (Serving(), Serving(master_key=LONG_MASTER), Serving("0.0.0.0")):
        behind = door(serving, loopback=serving.host != "0.0.0.0")
        said += repr(behind.__dict__) + repr(serving)
        for secret in secrets:
            for headers in (bearer(secret), [*HOST, (b"x-api-key", secret.encode())]):
                answer = ask(behind, headers)
                said += repr(answer)
                said += repr(ask(behind, [*headers, (b"origin", secret.encode())]))
                said += repr(ask(behind, [(b"host", secret.encode())]))
    keys.path.write_text(f'{{"clients": "{live}"')
    for secret in secrets:
        said += repr(ask(door(), bearer(secret)))
    captured = capfd.readouterr()
    said += caplog.text + captured.out + captured.err
    assert "damaged" in said
    for secret in secrets:
        assert secret not in said


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.lan", "[::]", ""])
def test_nobody_listens_for_strangers_without_keys(keys: ClientKeys, host: str) -> None:
    with pytest.raises(InputError, match="ghostllm keys create"):
        refuse_strangers(host, keys, Serving(host), 0)
    refuse_strangers(host, keys, Serving(host, master_key="sk-1"), 0)
    keys.create("guest", 0, expires=10)
    refuse_strangers(host, keys, Serving(host), 9)
    with pytest.raises(InputError):
        refuse_strangers(host, keys, Serving(host), 10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_loopback_needs_no_keys(keys: ClientKeys, host: str) -> None:
    refuse_strangers(host, keys, Serving(host), 0)


def test_it_is_cheap(door: Door, keys: ClientKeys) -> None:
    """Far below what is measured elsewhere, so that a slow machine does not fail here."""
    _, secret = keys.create("laptop", 0)

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        pass

    behind = guard(nothing, keys, Serving(), loopback=True)
    headers = [*bearer(secret), (b"content-type", b"application/json"), (b"content-length", b"900")]
    headers += [(b"x-stainless-%d" % number, b"value") for number in range(10)]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "headers": headers,
    }

    async def many(count: int) -> float:
        # Of this thread alone: others may be using the machine as well.
        begun = time.thread_time()
        for _ in range(count):
            await behind(dict(scope), None, None)  # type: ignore[arg-type]
        return (time.thread_time() - begun) / count

    best = min(asyncio.run(many(1000)) for _ in range(5))
    assert best < 100e-6
    print(f"{best * 1e6:.1f} µs")
