"""One-file tasks with the real local model, step by step: it finds the file, changes it, says so."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agents.loop.conftest import check
from tests.fakes.effects import FakeEffects, Heard
from zeke_bridge.agents.loop.turn import Options, run_turn
from zeke_bridge.broker.agents.rewriting import Rewriting
from zeke_bridge.client.core import CoreClient
from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.local.server import LlamaServer
from zeke_bridge.core.local.shelf import Shelf, models_directory
from zeke_bridge.core.serving import serve_unix
from zeke_bridge.model.exchange import Audience, Message

MODEL = "qwen2.5-coder-0.5b"
APP = """\
def total(xs):
    result = 0
    for x in xs:
        result += x
    return result


print(total([1, 2, 3]))
"""
TEST = "from app import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"

# A small model on a busy machine.
pytestmark = [pytest.mark.anyio, pytest.mark.local_model, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module, so that the model is loaded once."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CoreClient]:
    if Shelf(models_directory()).find(MODEL) is None:
        pytest.skip(f"{MODEL} is not installed: run `zeke model install 0.5b`")
    place = tmp_path_factory.mktemp("core")
    server = LlamaServer(models_directory(), place, log=place / "model.log")
    config = GhostConfig(("local",), {}, local_preferred=MODEL)
    core = build_core(config, KeyFile(place / "auth.json"), server)
    served = await serve_unix(core.app, place / "core.sock")
    made = CoreClient(socket_path=place / "core.sock")
    yield made
    await made.aclose()
    await served.aclose()
    await core.aclose()


class Scene:
    """A small project, and what was said in it."""

    def __init__(self, client: CoreClient, root: Path) -> None:
        (root / "tests").mkdir()
        (root / "app.py").write_text(APP)
        (root / "README.md").write_text("# Sample\n")
        (root / "tests" / "test_app.py").write_text(TEST)
        self.root = root
        self.effects = FakeEffects(root)
        self.heard = Heard()
        self.messages: list[Message] = []
        self._client = client

    async def turn(self, words: str) -> list[str]:
        """The tools that were used."""
        self.messages = [Message("user", words)]
        rewriting = Rewriting(self._client.code, Audience)
        stop = await run_turn(
            self.messages,
            self.effects,
            self.heard,
            self._client.chat,
            Audience,
            root=str(self.root),
            options=Options(rewrite=rewriting.rewrite),
        )
        assert stop.reason == "end_turn"
        assert stop.receipt is not None
        assert (stop.receipt.provider, stop.receipt.model) == ("local", MODEL)
        assert self.heard.text()
        check(self.messages)
        return [call.name for turn in self.messages for call in turn.calls]


@pytest.fixture
def scene(client: CoreClient, tmp_path: Path) -> Scene:
    return Scene(client, tmp_path)


async def test_a_behaviour(scene: Scene) -> None:
    used = await scene.turn("Make total in app.py raise ValueError for an empty list")
    assert "edit_file" in used
    text = (scene.root / "app.py").read_text()
    assert "raise ValueError" in text
    ast.parse(text)
    assert text.endswith("\n\n\nprint(total([1, 2, 3]))\n")


async def test_a_new_file(scene: Scene) -> None:
    assert "create_file" in await scene.turn("Create a file hello.py that prints hello")
    assert "print(" in (scene.root / "hello.py").read_text()


async def test_a_question(scene: Scene) -> None:
    assert await scene.turn("What does app.py do?") == ["read_file"]
    assert (scene.root / "app.py").read_text() == APP
