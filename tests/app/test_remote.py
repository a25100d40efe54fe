"""``ghostllm.base_url``: a core of ours, a LiteLLM, any other server; up, down, and something else.

The real LiteLLM, llama.cpp and ``ghostllm serve`` are in ``tests/peers``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.asks import SNIPPET, explain, told
from tests.fakes.core import unused_address
from tests.fakes.provider import FakeProvider
from tests.fakes.surroundings import nobodys
from zeke_bridge.app.cores import Cores
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.config.settings import Settings
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.serving import serve_port
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import AnalyzeAsk, AnalyzeItem, Audience

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
ALIVE = {"/health/liveliness": "I'm alive!"}


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("PEER_KEY", KEY)
    with nobodys(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
async def cores(runtime: Runtime) -> AsyncIterator[Cores]:
    made = Cores(runtime)
    yield made
    await made.aclose()


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        running.models = ["echo", "held", "text-embedding-fake"]
        yield running


@pytest.fixture
def litellm() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY, also=ALIVE) as running:
        running.models = ["echo", "gpt-4o", "held"]
        yield running


def client(cores: Cores, fake: FakeProvider | str, **more: Any) -> ModelClient:
    url = fake if isinstance(fake, str) else fake.base_url
    more.setdefault("api_key_env", "PEER_KEY")
    return cores.client(Settings(base_url=url, **more))


@contextlib.asynccontextmanager
async def ghostllm(fake: FakeProvider, directory: Path) -> AsyncIterator[str]:
    """A core of ours on a port, with ``fake`` as its provider ``far``; its address."""
    far = ProviderConfig("far", fake.base_url, "FAR_KEY", preferred="echo")
    config = GhostConfig(("local", "far"), {"far": far})
    core = build_core(config, KeyFile(directory / "auth.json"), None, {"far": fake.key})
    served = await serve_port(core.app, "127.0.0.1", 0)
    try:
        yield served.address
    finally:
        await served.aclose()
        await core.aclose()


class Relay:
    """A port whose connections go to another one, as if whatever is there listened here."""

    def __init__(self) -> None:
        self.url = ""
        self._target = ""
        self._open: set[asyncio.StreamWriter] = set()

    def lead(self, target: str) -> None:
        """To ``target`` from now on; what is open ends."""
        self._target = target
        for writer in self._open:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(self._target)
        try:
            there, here = await asyncio.open_connection(parts.hostname, parts.port)
        except OSError:
            writer.close()
            return
        pair = {writer, here}
        self._open |= pair

        async def copy(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65536):
                    drain.write(data)
                    await drain.drain()
            drain.close()

        await asyncio.gather(copy(reader, here), copy(there, writer))
        self._open -= pair


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    made = Relay()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    made.lead("")
    server.close()


async def test_a_core_of_ours_is_asked_directly(
    cores: Cores, fake: FakeProvider, tmp_path: Path, runtime: Runtime
) -> None:
    async with ghostllm(fake, tmp_path) as url:
        far = client(cores, url)
        answer = await told(far.code(explain()))
        assert answer.receipt.provider == "far"
        health = await far.health()
        assert health.where == f"remote GhostLLM 0.1.0 at {url}"
        assert (await far.stats()).requests.total == 1
    assert list(runtime.directory.glob("core*.sock")) == []


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
async def test_what_litellm_lacks_is_done_here(
    cores: Cores, litellm: FakeProvider, runtime: Runtime, end: str
) -> None:
    url = litellm.base_url.removesuffix("/v1") + end
    far = client(cores, url)
    litellm.script.append("It returns one.")
    answer = await told(far.code(explain("gpt-4o")))
    assert (answer.receipt.provider, answer.receipt.model) == ("litellm", "gpt-4o")
    assert litellm.headers[-1]["Authorization"] == f"Bearer {KEY}"
    items = (AnalyzeItem("1", "quality", SNIPPET), AnalyzeItem("2", "security", SNIPPET))
    analysis = await far.analyze(AnalyzeAsk(Audience("auto", "p"), items))
    assert set(analysis.findings) == {"1", "2"}
    assert len(litellm.requests) == 2
    assert {model.id for model in await far.models()} == {
        "litellm:echo",
        "litellm:gpt-4o",
        "litellm:held",
    }
    health = await far.health()
    assert health.where == f"LiteLLM at {url} through the embedded core"
    assert health.providers == {"litellm": "healthy"}
    assert (await far.stats()).requests.total == 2
    assert [path.name for path in runtime.directory.glob("*.sock")] == ["core-1.sock"]


async def test_a_model_of_litellm_has_its_makers_price(cores: Cores, litellm: FakeProvider) -> None:
    far = client(cores, litellm)
    [model] = [model for model in await far.models() if model.id == "litellm:gpt-4o"]
    assert model.input_price
    litellm.script.append("x" * 100)
    answer = await told(far.code(explain("gpt-4o")))
    assert answer.receipt.cost.total_cost > 0


async def test_any_other_server_is_one_provider(cores: Cores, fake: FakeProvider) -> None:
    far = client(cores, fake)
    answer = await told(far.code(explain()))
    assert (answer.receipt.provider, answer.receipt.model) == ("server", "echo")
    assert "server is number 1 in your order" in answer.receipt.route.reason
    assert (await far.health()).where.startswith("The server at ")


async def test_it_is_looked_at_once(cores: Cores, fake: FakeProvider) -> None:
    far = client(cores, fake)
    asked: list[str] = []
    fake.on_path = asked.append
    await asyncio.gather(*(told(far.code(explain())) for _ in range(3)))
    await told(far.code(explain("server:echo")))
    assert asked.count("/health/liveliness") == 1


@pytest.mark.parametrize("name", ["litellm", "fake"])
async def test_a_variable_without_a_key_is_named(
    cores: Cores, name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEER_KEY", " ")
    far = client(cores, request.getfixturevalue(name))
    for asked in (far.health, far.models):
        with pytest.raises(errors.AuthError, match=r"\$PEER_KEY is not set where the broker runs"):
            await asked()


async def test_a_variable_without_a_key_is_named_when_a_core_of_ours_wants_one(
    cores: Cores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PEER_KEY")
    refusal = {"error": {"code": "access_denied", "message": "No key."}}
    with (
        FakeProvider(key=KEY, also={"/health": refusal}) as guarded,
        pytest.raises(errors.AuthError, match="zeke broker stop"),
    ):
        await client(cores, guarded).health()


@pytest.mark.parametrize("name", ["litellm", "fake"])
async def test_a_wrong_key_names_its_variable(
    cores: Cores, name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEER_KEY", "sk-quite-wrong")
    peer: FakeProvider = request.getfixturevalue(name)
    with pytest.raises(errors.AuthError, match=r"\$PEER_KEY") as caught:
        await told(client(cores, peer).code(explain("echo")))
    assert peer.base_url in caught.value.message
    assert "sk-quite-wrong" not in caught.value.message


async def test_no_key_says_where_to_name_it(cores: Cores, litellm: FakeProvider) -> None:
    with pytest.raises(errors.AuthError, match=r"ghostllm\.api_key_env"):
        await told(client(cores, litellm, api_key_env="").code(explain("echo")))


async def test_a_variable_that_is_not_there(
    cores: Cores, litellm: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PEER_KEY")
    with pytest.raises(errors.CoreError, match=r"\$PEER_KEY"):
        await told(client(cores, litellm).code(explain("litellm:echo")))
    assert litellm.requests == []


async def test_down_then_up(cores: Cores, relay: Relay, litellm: FakeProvider) -> None:
    relay.lead(unused_address())
    far = client(cores, relay.url)
    for _ in range(2):
        with pytest.raises(errors.UnreachableError) as caught:
            await told(far.code(explain()))
        assert relay.url in caught.value.message
    relay.lead(litellm.base_url)
    assert (await told(far.code(explain()))).receipt.provider == "litellm"


async def test_who_leaves_does_not_take_the_answer_from_others(
    cores: Cores, litellm: FakeProvider
) -> None:
    far = client(cores, litellm)
    first = asyncio.create_task(told(far.code(explain("echo"))))
    second = asyncio.create_task(told(far.code(explain("litellm:echo"))))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).receipt.provider == "litellm"


async def test_all_who_wait_hear_of_one_failure(cores: Cores) -> None:
    far = client(cores, unused_address())
    asks = (told(far.code(explain())) for _ in range(3))
    failed = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(error) for error in failed] == [errors.UnreachableError] * 3


async def test_gone_in_the_middle_of_its_life(cores: Cores, relay: Relay) -> None:
    with FakeProvider(key=KEY, also=ALIVE) as first:
        relay.lead(first.base_url)
        far = client(cores, relay.url)
        await told(far.code(explain("echo")))
    relay.lead(unused_address())
    with pytest.raises(errors.UnreachableError) as caught:
        await told(far.code(explain("litellm:echo")))
    assert relay.url in caught.value.message
    with pytest.raises(errors.UnreachableError, match=relay.url):
        await far.health()


async def test_something_else_is_noticed_when_a_question_fails(
    cores: Cores,
    relay: Relay,
    litellm: FakeProvider,
    fake: FakeProvider,
    tmp_path: Path,
    runtime: Runtime,
) -> None:
    far = client(cores, relay.url)
    async with ghostllm(fake, tmp_path) as url:
        relay.lead(url)
        assert (await told(far.code(explain()))).receipt.provider == "far"
    relay.lead(litellm.base_url)
    with pytest.raises(errors.CoreError):
        await told(far.code(explain()))
    assert (await told(far.code(explain()))).receipt.provider == "litellm"
    relay.lead(fake.base_url)
    assert "The server at" in (await far.health()).where
    assert (await told(far.code(explain()))).receipt.provider == "server"
    assert [path.name for path in runtime.directory.glob("*.sock")] == ["core-2.sock"]


async def test_what_must_stay_here_is_not_given_to_a_server(
    cores: Cores, litellm: FakeProvider
) -> None:
    far = client(cores, litellm)
    for model in ("auto", "fast", "litellm:echo", "echo", "local:tiny"):
        with pytest.raises((errors.NoModelError, errors.UnknownModelError)):
            await told(far.code(explain(model, local_only=True)))
    items = (AnalyzeItem("1", "quality", SNIPPET),)
    with pytest.raises(errors.NoModelError):
        await far.analyze(AnalyzeAsk(Audience("auto", "p", True), items))
    assert litellm.requests == []


async def test_what_must_stay_here_is_left_to_a_core_of_ours_on_this_machine(
    cores: Cores, fake: FakeProvider, tmp_path: Path, runtime: Runtime
) -> None:
    async with ghostllm(fake, tmp_path) as url:
        with pytest.raises(errors.NoModelError, match="on this machine"):
            await told(client(cores, url).code(explain(local_only=True)))
    assert fake.requests == []
    assert list(runtime.directory.glob("core*.sock")) == []


async def test_what_must_stay_here_is_not_given_to_what_took_the_place_of_a_core(
    cores: Cores, relay: Relay, litellm: FakeProvider, fake: FakeProvider, tmp_path: Path
) -> None:
    far = client(cores, relay.url)
    async with ghostllm(fake, tmp_path) as url:
        relay.lead(url)
        assert (await told(far.code(explain()))).receipt.provider == "far"
    relay.lead(litellm.base_url)
    asked: list[str] = []
    litellm.on_path = asked.append
    with pytest.raises(errors.NoModelError, match="on this machine"):
        await told(far.code(explain(local_only=True)))
    assert asked == ["/health/liveliness", "/v1/models"]
    assert litellm.requests == []


async def test_what_must_stay_here_reaches_no_other_machine(
    cores: Cores, litellm: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    litellm.on_path = asked.append
    # Whoever would be asked there is asked through the fake.
    monkeypatch.setenv("http_proxy", litellm.base_url.removesuffix("/v1"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    far = client(cores, "http://far.example")
    with pytest.raises(errors.NoModelError, match="on this machine"):
        await told(far.code(explain(local_only=True)))
    assert asked == []


async def test_local_is_the_model_of_this_machine(cores: Cores, litellm: FakeProvider) -> None:
    with pytest.raises(errors.NoModelError, match="zeke model install"):
        await told(client(cores, litellm).code(explain("local:auto")))
    assert litellm.requests == []


async def test_all_write_one_book(
    cores: Cores, fake: FakeProvider, litellm: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    own, far = cores.client(Settings()), client(cores, litellm)
    await told(own.code(explain("openai:echo")))
    await told(far.code(explain("litellm:echo")))
    assert (await own.health()).where == "embedded"
    for one in (own, far):
        assert (await one.stats()).requests.total >= 1
    assert (await far.stats()).requests.total == 2


async def test_closing_early_frees_the_servers_connection(
    cores: Cores, litellm: FakeProvider
) -> None:
    pieces = client(cores, litellm).code(explain("litellm:held"))
    await anext(pieces)
    await pieces.aclose()
    await litellm.until(litellm.left)


@pytest.mark.parametrize("url", ["localhost:4000", "http://me:secret@host", "http://host/?a=1"])
async def test_what_is_no_address(cores: Cores, url: str) -> None:
    with pytest.raises(errors.ConfigError, match=r"ghostllm\.base_url") as caught:
        client(cores, url)
    assert "secret" not in caught.value.message
