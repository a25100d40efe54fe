"""Which requests pass the guard, by their shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from tests.fakes.asgi import HOST, App, Headers, ask
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys

Door = Callable[..., ASGIApp]
NAMED = Serving(origins=("https://notes.example",))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 400),
        ([*HOST, *HOST], 400),
        ([(b"host", b"evil.example")], 403),
        ([(b"host", b"")], 403),
        ([*HOST, (b"origin", b"null")], 403),
        ([*HOST, (b"origin", b"http://evil.example")], 403),
        ([*HOST, (b"origin", b"http://localhost"), (b"origin", b"http://localhost")], 403),
        ([*HOST, (b"origin", b"http://localhost:3000")], 200),
        ([*HOST, *[(b"x-%d" % n, b"") for n in range(99)]], 200),
        ([*HOST, *[(b"x-%d" % n, b"") for n in range(100)]], 431),
        ([*HOST, (b"x-long", b"a" * 40_000)], 431),
        ([*HOST, (b"content-length", b"1"), (b"content-length", b"2")], 400),
        ([*HOST, (b"content-length", b"-5")], 400),
        ([*HOST, (b"content-length", b"99999999999999999999999999")], 400),
        ([*HOST, (b"content-length", b"101")], 413),
        ([*HOST, (b"content-length", b"100")], 200),
    ],
)
def test_the_shape_of_a_request(door: Door, app: App, headers: Headers, status: int) -> None:
    answer = ask(door(max_body=100), headers)
    assert answer.status == status
    assert bool(app.clients) == (status == 200)
    if status != 200:
        assert set(answer.error) == {"message", "type", "code", "retryable"}
        assert b"evil" not in answer.body
        assert int(answer.headers[b"content-length"]) == len(answer.body)
    assert b"access-control-allow-origin" not in answer.headers


def test_an_address_that_is_too_long(door: Door) -> None:
    assert ask(door(), HOST, path="/" + "a" * 9000).status == 414
    assert ask(door(), HOST, query_string=b"a" * 9000).status == 414
    assert ask(door(), HOST, raw_path=None).status == 200


@pytest.mark.parametrize("headers", [HOST, [*HOST, (b"transfer-encoding", b"chunked")]])
def test_a_body_without_a_length_is_counted(door: Door, app: App, headers: Headers) -> None:
    assert ask(door(max_body=10), headers, body=[b"12345", b"67890"]).status == 200
    assert app.got == b"1234567890"
    app.got = b""
    answer = ask(door(max_body=10), headers, body=[b"12345", b"678901", b"more"])
    assert (answer.status, answer.starts) == (413, 1)
    assert answer.headers[b"connection"] == b"close"
    assert answer.error["code"] == "bad_input"
    assert app.got == b"12345"
    assert app.left


def test_a_length_does_not_hide_a_chunked_body(door: Door) -> None:
    headers = [*HOST, (b"content-length", b"1"), (b"transfer-encoding", b"chunked")]
    assert ask(door(max_body=10), headers, body=[b"12345", b"678901"]).status == 413


def test_a_body_too_long_after_the_answer_has_begun_ends_the_request(keys: ClientKeys) -> None:
    async def eager(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.body", "body": b"end"})

    answer = ask(
        guard(eager, keys, Serving(), loopback=True, max_body=3), HOST, body=[b"12", b"34"]
    )
    assert (answer.status, answer.starts, answer.body) == (200, 1, b"end")


NAMES = st.sampled_from(
    [
        b"host",
        b"origin",
        b"authorization",
        b"x-api-key",
        b"api-key",
        b"content-length",
        b"transfer-encoding",
        b"access-control-request-method",
        b"access-control-request-headers",
    ]
)
VALUES = st.binary(max_size=40) | st.sampled_from(
    [b"localhost", b"[::1]:80", b"http://localhost", b"https://notes.example", b"Bearer x", b"5"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.lists(st.tuples(NAMES | st.binary(max_size=9), VALUES), max_size=12),
    st.sampled_from(["GET", "POST", "OPTIONS", "DELETE", "\udcff"]),
    st.text(max_size=20),
    st.lists(st.binary(max_size=8), max_size=4),
    st.booleans(),
)
def test_hostile_requests_get_one_answer_and_never_an_exception(
    keys: ClientKeys,
    headers: Headers,
    method: str,
    path: str,
    body: list[bytes],
    loopback: bool,
) -> None:
    app = App()
    behind = guard(app, keys, NAMED, loopback=loopback, max_body=10)
    answer = ask(behind, headers, method, path, body, raw_path=None)
    assert answer.starts == 1
    assert answer.status in {200, 204, 400, 401, 403, 413}
    if not loopback:
        assert app.clients == []
