"""Each way a provider can go wrong, and the exact answer that a client of the core gets.

Every fault is asked for in three dialects, whole and streamed. After each one the core goes on:
nothing is in flight, and the next question is answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from tests.core.conftest import QUICK, Hurried, events_of
from tests.fakes.clock import ahead, no_longer_than
from tests.fakes.core import unused_address
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.providers.limits import Limits

pytestmark = pytest.mark.anyio

IN_FLIGHT = "ghostllm_requests_in_flight 0.0"
UNBEGUN = replace(QUICK, first_byte=0.3, whole=0.3)
SILENCE = replace(QUICK, silence=0.1)
# What Anthropic calls an error of this status.
ANTHROPIC = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    502: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Told:
    """What a client was told. ``text`` is what it had read before, and then the status was 200."""

    status: int
    error: dict[str, Any]
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """An endpoint, and whether its answer is streamed."""

    path: str
    stream: bool

    def body(self, model: str, text: str = "Hello") -> dict[str, Any]:
        chosen = {"model": f"far:{model}", "stream": self.stream}
        if "zeke" in self.path:
            return {**chosen, "code": text, "language": "text", "path": "a.txt"}
        return {**chosen, "max_tokens": 50, "messages": [{"role": "user", "content": text}]}

    @property
    def upstream(self) -> bool:
        """Whether the provider is asked for a stream."""
        return self.stream or "zeke" in self.path

    def told(self, status: int, error: dict[str, Any], begun: str = "", after: str = "") -> Told:
        """``error`` as this endpoint tells of it, when ``begun`` had come before."""
        if "messages" in self.path:
            status = 529 if status == 503 else status
            error = {**error, "type": ANTHROPIC[status]}
        if begun and self.stream:
            return Told(200, error, begun)
        headers = {"retry-after": after} if after else {}
        if not error["retryable"]:
            headers["x-should-retry"] = "false"
        return Told(status, error, "", headers)

    def heard(self, answer: httpx.Response) -> Told:
        """What ``answer`` tells."""
        if answer.headers["content-type"] == "application/json":
            body, text = answer.json(), ""
        else:
            *deltas, last = events_of(answer.content)
            assert last.name == ("message" if "chat" in self.path else "error")
            body = json.loads(last.data)
            text = "".join(_text(json.loads(event.data)) for event in deltas)
        shape = {"type", "error"} if "messages" in self.path else {"error"}
        assert body.keys() == shape
        assert body.get("type", "error") == "error"
        assert answer.headers["x-request-id"].startswith("zk-")
        kept = ("retry-after", "x-should-retry")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return Told(answer.status_code, body["error"], text, headers)


def _text(event: dict[str, Any]) -> str:
    """The text of one event in any of the three dialects."""
    if "choices" in event:
        return "".join(one["delta"].get("content") or "" for one in event["choices"])
    delta = event.get("delta", {})
    return event.get("text") or (delta.get("text") if isinstance(delta, dict) else "") or ""


PATHS = ("/v1/chat/completions", "/v1/messages", "/v1/zeke/code/explain")
WAYS = [Way(path, stream) for path in PATHS for stream in (False, True)]


def named(way: Way) -> str:
    return f"{way.path.rpartition('/')[2]}-{'streamed' if way.stream else 'whole'}"


only_streams = pytest.mark.parametrize(
    "way", [way for way in WAYS if way.upstream], ids=named, indirect=True
)


@pytest.fixture(params=WAYS, ids=named)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


class Asked:
    """Asks a core, and looks whether all is well with it afterwards."""

    def __init__(self, serve: Any, way: Way) -> None:
        self._serve = serve
        self._way = way

    async def __call__(self, model: str, limits: Limits = QUICK) -> Told:
        way = self._way
        async with self._serve(limits=limits) as http:
            told = way.heard(await http.post(way.path, json=way.body(model)))
            await self.all_is_well(http)
        return told

    async def all_is_well(self, http: httpx.AsyncClient) -> None:
        """Nothing is in flight, and the next question is answered."""
        way = self._way
        assert IN_FLIGHT in (await http.get("/metrics")).text
        # In no time: the limits were short for the one before.
        with no_longer_than(0.0):
            after = await http.post(way.path, json=way.body("echo", "Are you there?"))
        assert after.status_code == 200
        assert '"error"' not in after.text
        assert IN_FLIGHT in (await http.get("/metrics")).text

    async def when_it_shows_life(self, model: str, then: float) -> Told:
        """The same in a stream, when it is ``then`` seconds later after its first sign of life."""
        way = self._way
        async with self._serve(limits=replace(QUICK, keepalive=0.05)) as http:
            asked = http.stream("POST", way.path, json=way.body(model))
            async with asked as answer:
                pieces = answer.aiter_raw()
                raw = await anext(pieces)
                assert raw.startswith(b": ping")
                with ahead(then):
                    raw += b"".join([piece async for piece in pieces])
            await self.all_is_well(http)
        return way.heard(httpx.Response(answer.status_code, headers=answer.headers, content=raw))


@pytest.fixture
def ask(serve: Any, way: Way) -> Asked:
    return Asked(serve, way)


def error(message: str, kind: str, code: str, retryable: bool) -> dict[str, Any]:
    return {"message": message, "type": kind, "code": code, "retryable": retryable}


def upstream(message: str, code: str = "bad_answer", retryable: bool = False) -> dict[str, Any]:
    return error(message, "upstream_error", code, retryable)


def nonsense(what: str) -> dict[str, Any]:
    return upstream(f"far sent {what}: try again, and check its base_url if it stays so.")


def limited(message: str, retryable: bool = True) -> dict[str, Any]:
    return error(message, "rate_limit_error", "rate_limited", retryable)


SILENT = upstream("far has said nothing for too long: try again.", "timed_out", True)
BROKEN = upstream("far broke off the connection: try again.", "unreachable", True)


async def test_refused(serve: Any, settled: GhostConfig, way: Way) -> None:
    far = replace(settled.providers["far"], base_url=unused_address())
    async with serve(replace(settled, providers={"far": far})) as http:
        told = way.heard(await http.post(way.path, json=way.body("echo")))
        assert IN_FLIGHT in (await http.get("/metrics")).text
        assert (await http.get("/health")).json()["providers"]["far"] == "unreachable"
    message = "far cannot be reached: check its base_url and that it runs."
    assert told == way.told(502, upstream(message, "unreachable", True))


async def test_reset_before_an_answer(ask: Asked, way: Way, fake: FakeProvider) -> None:
    assert await ask("reset-early") == way.told(502, BROKEN)
    assert len(fake.requests) == 3


async def test_reset_in_mid_stream(ask: Asked, way: Way, fake: FakeProvider) -> None:
    assert await ask("reset") == way.told(502, BROKEN, "one ")
    # Only what has not begun to be answered is asked again.
    assert len(fake.requests) == (2 if way.upstream else 3)


async def test_hang_before_headers(ask: Asked, way: Way, fake: FakeProvider) -> None:
    assert await ask("silent", UNBEGUN) == way.told(504, SILENT)
    await fake.until(fake.left)


@pytest.mark.parametrize("way", [way for way in WAYS if way.stream], ids=named, indirect=True)
async def test_hang_after_a_sign_of_life(ask: Asked, way: Way, fake: FakeProvider) -> None:
    told = await ask.when_it_shows_life("silent", QUICK.first_byte)
    # The status had to be sent with it.
    assert told == replace(way.told(504, SILENT), status=200)
    await fake.until(fake.left)


async def test_hang_after_headers(ask: Asked, way: Way, fake: FakeProvider) -> None:
    assert await ask("hang", UNBEGUN) == way.told(504, SILENT)
    await fake.until(fake.left)


async def test_hang_in_mid_stream(ask: Asked, way: Way, fake: FakeProvider) -> None:
    assert await ask("held", SILENCE) == way.told(504, SILENT, "first ")
    await fake.until(fake.left)


async def test_429_without_retry_after(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = "far asks to slow down: wait, then try again. It said: Rate limit reached"
    assert await ask("limit429") == way.told(429, limited(message))
    assert len(fake.requests) == 4


async def test_429_with_retry_after(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = "far asks to slow down: wait 7 s, then try again. It said: Slow down"
    assert await ask("limit429-after", Limits()) == way.told(429, limited(message), after="7")
    # After so long its status could not be told any more: it is asked once, and then "echo".
    assert len(fake.requests) == 2


async def test_429_because_there_is_no_credit(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = (
        "The account with far has no credit left: add some there, or choose another model. "
        "It said: You exceeded your current quota"
    )
    assert await ask("quota429") == way.told(429, limited(message, retryable=False))
    assert len(fake.requests) == 2


async def test_500(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = "far failed with status 500: try again later. It said: Internal error"
    assert await ask("boom500") == way.told(502, upstream(message, "provider_failed", True))
    assert len(fake.requests) == 4


async def test_500_whose_reason_never_ends(ask: Asked, way: Way, fake: FakeProvider) -> None:
    told = await ask("error-without-end", replace(QUICK, listing=0.1))
    message = "far failed with status 500: try again later."
    assert told == way.told(502, upstream(message, "provider_failed", True))
    await fake.until(fake.left)


async def test_503_with_retry_after(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = "far is overloaded: try again later. It said: Come back"
    fault = error(message, "overloaded_error", "overloaded", True)
    limits = replace(Limits(), pace=Hurried)
    assert await ask("busy503", limits) == way.told(503, fault, after="3")
    # Three seconds fit once before the client is told that work goes on.
    assert len(fake.requests) == 3


async def test_a_key_that_is_refused(ask: Asked, way: Way) -> None:
    message = "far refused the key: set it with `:ZekeAuth`. It said: Incorrect API key provided"
    fault = error(message, "authentication_error", "auth_failed", False)
    assert await ask("refuse401") == way.told(401, fault)


async def test_a_text_that_is_too_long(ask: Asked, way: Way) -> None:
    message = (
        "The text is too long for this model of far: select less. "
        "It said: This model's maximum context length is 8192 tokens"
    )
    fault = error(message, "invalid_request_error", "context_too_long", False)
    assert await ask("long400") == way.told(400, fault)


async def test_a_content_filter(ask: Asked, way: Way) -> None:
    message = (
        "far refused this text through its content filter: ask in other words. "
        "It said: The prompt was flagged"
    )
    fault = error(message, "invalid_request_error", "content_filtered", False)
    assert await ask("filter400") == way.told(400, fault)


async def test_slow_loris(ask: Asked, way: Way, fake: FakeProvider) -> None:
    if way.upstream:
        assert await ask("loris", SILENCE) == way.told(504, SILENT)
    else:
        # There are no lines in what comes whole: it is alive, but never ends.
        message = "far did not end its answer within 0.3 s: ask for less."
        told = await ask("loris", replace(QUICK, total=0.3))
        assert told == way.told(504, upstream(message, "timed_out", True))
    await fake.until(fake.left)


async def test_slow_loris_that_looks_alive(ask: Asked, way: Way, fake: FakeProvider) -> None:
    told = await ask("loris-comments", replace(QUICK, total=0.3))
    message = "far did not end its answer within 0.3 s: ask for less."
    assert told == way.told(504, upstream(message, "timed_out", True))
    await fake.until(fake.left)


async def test_garbage(ask: Asked, way: Way) -> None:
    binary = upstream("far sent bytes that are not UTF-8: try again.")
    fault = binary if way.upstream else nonsense("something that is not JSON")
    assert await ask("garbage") == way.told(502, fault)


async def test_something_that_is_not_http(ask: Asked, way: Way) -> None:
    assert await ask("noise") == way.told(502, nonsense("something that is not HTTP"))


async def test_wrong_content_type_a_web_page(ask: Asked, way: Way) -> None:
    assert await ask("html") == way.told(502, nonsense("a web page"))


@only_streams
async def test_wrong_content_type_json_for_a_stream(way: Way, ask: Asked) -> None:
    what = "a whole answer where a stream was asked for"
    assert await ask("whole") == way.told(502, nonsense(what))


async def test_wrong_content_type_bytes(ask: Asked, way: Way) -> None:
    what = "half an answer" if way.upstream else "something that is not JSON"
    assert await ask("octets") == way.told(502, nonsense(what))


async def test_huge_event(ask: Asked, way: Way) -> None:
    told = await ask("huge-event")
    if way.upstream:
        message = "far sent an event of more than 4194304 bytes: ask for less."
        assert told == way.told(502, upstream(message), "one ")
    else:
        assert told == way.told(502, nonsense("something that is not JSON"))


async def test_huge_answer(ask: Asked, way: Way) -> None:
    told = await ask("huge-event", replace(QUICK, answer_bytes=2**20))
    assert told == way.told(502, nonsense("more than 1048576 bytes"), "one ")


@pytest.mark.parametrize("model", ["half", "cut"])
async def test_half_an_answer(ask: Asked, way: Way, model: str) -> None:
    what = "half an answer" if way.upstream else "something that is not JSON"
    assert await ask(model) == way.told(502, nonsense(what), "one ")


async def test_error_inside_an_answer(ask: Asked, way: Way) -> None:
    message = "far failed with status 502: try again later. It said: The upstream is down"
    told = await ask("error-in-answer")
    assert told == way.told(502, upstream(message, "provider_failed", True))


@only_streams
async def test_error_inside_a_stream(ask: Asked, way: Way) -> None:
    message = "far failed with status 500: try again later. It said: The engine exploded"
    told = await ask("stream-fault")
    assert told == way.told(502, upstream(message, "provider_failed", True), "one ")


async def test_redirect_is_not_followed(ask: Asked, way: Way, fake: FakeProvider) -> None:
    message = "far points to another address: check its base_url."
    assert await ask("redirect") == way.told(502, upstream(message))
    assert len(fake.requests) == 2
