from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp

from tests.fakes.asgi import HOST, App, ask, bearer
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.keys import ClientKeys

Door = Callable[..., ASGIApp]

PAGE = (b"origin", b"https://notes.example")
PREFLIGHT = [
    *HOST,
    PAGE,
    (b"access-control-request-method", b"POST"),
    (b"access-control-request-headers", b"authorization,content-type,x-stainless-os"),
]
NAMED = Serving(origins=("https://notes.example",))


def test_a_page_that_the_user_named_may_ask_and_read(
    door: Door, app: App, keys: ClientKeys
) -> None:
    _, secret = keys.create("page", 0)
    answer = ask(door(NAMED), PREFLIGHT, "OPTIONS")
    assert answer.status == 204
    assert answer.headers[b"access-control-allow-origin"] == b"https://notes.example"
    assert b"POST" in answer.headers[b"access-control-allow-methods"]
    allowed = answer.headers[b"access-control-allow-headers"]
    assert allowed == b"authorization,content-type,x-stainless-os"
    assert answer.headers[b"vary"] == b"Origin"
    assert b"access-control-allow-credentials" not in answer.headers
    assert app.clients == []
    answer = ask(door(NAMED), [*bearer(secret), PAGE])
    assert answer.status == 200
    assert answer.headers[b"x-app"] == b"1"
    assert answer.headers[b"access-control-allow-origin"] == b"https://notes.example"
    refused = ask(door(NAMED), [*HOST, PAGE])
    assert refused.status == 401
    assert refused.headers[b"access-control-allow-origin"] == b"https://notes.example"


def test_other_pages_get_no_leave(door: Door) -> None:
    local = [
        (name, b"http://localhost:3000") if name == b"origin" else (name, value)
        for name, value in PREFLIGHT
    ]
    answer = ask(door(NAMED), local, "OPTIONS")
    assert not [name for name in answer.headers if name.startswith(b"access-control")]
    assert ask(door(), PREFLIGHT, "OPTIONS").status == 403


def test_a_preflight_with_hostile_names_gets_none_of_them(door: Door) -> None:
    hostile = [(name, b"a\r\nset-cookie: x" if b"-headers" in name else v) for name, v in PREFLIGHT]
    answer = ask(door(NAMED), hostile, "OPTIONS")
    assert answer.status == 204
    assert b"access-control-allow-headers" not in answer.headers
