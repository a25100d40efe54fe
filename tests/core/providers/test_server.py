"""The server behind ``ghostllm.base_url``: sentences that name it, and llama.cpp's own ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.core.providers.conftest import GivesKeys
from tests.fakes.core import unused_address
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.config.ghostllm.fronting import fronting
from zeke_bridge.core.providers.base import Chunk, Provider
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.infill import CannotFillError
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.server import server
from zeke_bridge.model import errors
from zeke_bridge.wire.openai import delta_text

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
BODY = {"model": "echo", "messages": [{"role": "user", "content": "ANSWER: one two"}]}
Asking = Callable[..., Provider]
GAP = {"model": "qwen-coder", "prompt": "a = ", "suffix": "\n"}


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        yield running


@pytest.fixture
def asking(keys: GivesKeys, limits: Limits) -> Asking:
    """Makes the provider that is called ``name``, with the key ``key`` in ``PEER_KEY``."""

    def made(name: str, base_url: str, key: str = KEY, variable: str = "PEER_KEY") -> Provider:
        config = ProviderConfig(name, base_url, variable, dialect="server")
        return server(config, keys(**{name: key} if key else {}), limits)

    return made


def text_of(pieces: list[list[Chunk]]) -> str:
    return "".join(delta_text(chunk.body) for chunks in pieces for chunk in chunks)


def test_it_is_built_from_its_dialect(keys: GivesKeys, limits: Limits) -> None:
    config = fronting(GhostConfig((), {}), "litellm", "http://127.0.0.1:4000/v1", "PEER_KEY")
    made = build(config.providers["litellm"], keys(), limits)
    assert made.name == "litellm"
    assert made.offer().obstacle == "no key"
    assert "$PEER_KEY" in made.offer().remedy


@pytest.mark.parametrize(
    ("name", "title"),
    [("litellm", "LiteLLM"), ("llama.cpp", "llama.cpp"), ("server", "The server")],
)
async def test_a_sentence_names_it(asking: Asking, name: str, title: str) -> None:
    url = unused_address()
    there = asking(name, url)
    with pytest.raises(errors.UnreachableError) as caught:
        await there.answer(BODY)
    assert caught.value.message.startswith(f"{title} at {url} cannot be reached")
    await there.aclose()


@pytest.mark.parametrize("variable", ["PEER_KEY", ""])
async def test_a_wrong_key_says_what_to_do(
    asking: Asking,
    fake: FakeProvider,
    variable: str,
) -> None:
    there = asking("litellm", fake.base_url, "sk-wrong", variable)
    with pytest.raises(errors.AuthError) as caught:
        await there.answer(BODY)
    assert ("$PEER_KEY" if variable else "ghostllm.api_key_env") in caught.value.message
    assert ":ZekeAuth" not in caught.value.message
    await there.aclose()


async def test_a_litellm_that_breaks_without_a_key(asking: Asking) -> None:
    async def crash(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n\r\n"
        writer.write(head + b"Internal Server Error")
        writer.close()

    listening = await asyncio.start_server(crash, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    for variable, kind in (("", errors.AuthError), ("PEER_KEY", errors.ProviderError)):
        there = asking("litellm", url, "", variable)
        with pytest.raises(kind) as caught:
            await there.models()
        assert type(caught.value) is kind
        await there.aclose()
    listening.close()


async def test_llama_cpp_is_made_to_write_while_it_reads(
    asking: Asking,
    fake: FakeProvider,
) -> None:
    there = asking("llama.cpp", fake.base_url)
    pieces = [chunks async for chunks in there.stream(BODY)]
    assert fake.requests[-1]["return_progress"] is True
    assert text_of(pieces) == "one two"
    assert not any("prompt_progress" in one.body for chunks in pieces for one in chunks)
    await there.aclose()


async def test_llama_cpp_fills_in_the_middle(asking: Asking, fake: FakeProvider) -> None:
    there = asking("llama.cpp", fake.base_url)
    assert there.fills("qwen-coder")
    assert not there.fills("llama-3")
    fake.script.append("1 + 1")
    assert text_of([chunks async for chunks in there.fill(GAP)]) == "1 + 1"
    with pytest.raises(CannotFillError):
        [chunks async for chunks in there.fill({**GAP, "prompt": "NOMARKS"})]
    assert not there.fills("qwen-coder")
    await there.aclose()


async def test_the_others_do_not(asking: Asking, fake: FakeProvider) -> None:
    for name in ("litellm", "server"):
        there = asking(name, fake.base_url)
        assert not there.fills("qwen-coder")
        await there.answer(BODY)
        assert "return_progress" not in fake.requests[-1]
        await there.aclose()
