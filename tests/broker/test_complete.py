"""What belongs at the cursor: judged without a question, told to one audience, plain."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.model import FakeModel
from tests.fakes.street import Street
from zeke_bridge.broker.complete import plain
from zeke_bridge.model.errors import CostLimitError
from zeke_bridge.model.exchange import Answer, CompleteAsk, Delta, Piece
from zeke_bridge.model.task import Buffer, Gap, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


class Completer(FakeModel):
    """A core that says ``said`` at every cursor; held, it says so and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.said = "total(1)"
        self.fails: Exception | None = None
        self.holds = False
        self.held, self.closed = asyncio.Event(), asyncio.Event()

    async def complete(self, ask: Any) -> AsyncGenerator[Piece, None]:
        """The next answer."""
        self.asks.append(ask)
        try:
            if self.fails is not None:
                raise self.fails
            yield Delta(self.said)
            if self.holds:
                self.held.set()
                await asyncio.Event().wait()
            yield Answer(self.said, self.receipt)
        finally:
            self.closed.set()


@pytest.fixture
def model() -> Completer:
    return Completer()


@pytest.fixture
def street(tmp_path: Path, model: Completer) -> Street:
    return Street(tmp_path, model)


def request(street: Street, name: str = "a.py", **more: Any) -> TaskRequest:
    path = str(street.project / name) if name else ""
    gap = Gap("x = ", "\n", **more)
    buffer = Buffer("", path, name, "python")
    return TaskRequest("1", TaskKind.COMPLETE, str(street.project), buffer=buffer, gap=gap)


async def test_the_core_is_told_what_stands_around(street: Street, model: Completer) -> None:
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, max_lines=3, alternative=2))
    done = await sink.until("task.done")
    assert (done["text"], done["model"]) == ("total(1)", "echo")
    [ask] = model.asks
    assert ask == CompleteAsk(
        ask.audience, "x = ", "\n", "a.py", "python", max_lines=3, alternative=2
    )
    assert sink.named("task.delta") == []
    assert sink.named("consent.asked") == []


@pytest.mark.parametrize(
    ("name", "settings"),
    [(".env", {}), ("id_rsa", {}), ("a.py", {"ghostllm": {"auto_approve_read": False}})],
)
async def test_what_needs_a_question_is_refused_without_one(
    street: Street, model: Completer, name: str, settings: Any
) -> None:
    (street.project / name).write_text("KEY=1\n")
    editor, sink = street.editor(settings=settings)
    street.broker.submit(editor, request(street, name))
    failed = await sink.until("task.failed")
    assert failed["code"] == "denied"
    assert failed["message"].endswith(".")
    assert (model.asks, sink.named("consent.asked")) == ([], [])


async def test_secrets_stay_secret_with_consent_switched_off(
    street: Street, model: Completer
) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    settings = {"ghostllm": {"enable_consent": False, "auto_approve_patterns": ["**"]}}
    editor, sink = street.editor(settings=settings)
    street.broker.submit(editor, request(street, ".env"))
    assert (await sink.until("task.failed"))["code"] == "denied"
    assert model.asks == []


async def test_a_buffer_without_a_file_is_completed(street: Street, model: Completer) -> None:
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, ""))
    await sink.until("task.done")
    assert model.asks[0].path == ""


async def test_a_project_that_stays_here_stays_here(street: Street, model: Completer) -> None:
    file = street.project / ".zeke-consents.json"
    file.write_text(json.dumps({"version": 1, "grants": [], "denies": [], "local_only": True}))
    file.chmod(0o600)
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    await sink.until("task.done")
    assert model.asks[0].audience.local_only


async def test_cancelling_closes_the_stream(street: Street, model: Completer) -> None:
    model.holds = True
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    async with asyncio.timeout(30):
        await model.held.wait()
        editor.tasks.cancel("1")
        await model.closed.wait()
    assert (await sink.until("task.failed"))["code"] == "cancelled"


async def test_what_the_core_says_is_told(street: Street, model: Completer) -> None:
    model.fails = CostLimitError("The hour's money is spent.")
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    assert (await sink.until("task.failed"))["message"] == "The hour's money is spent."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\r\n\tb", "a\n\tb"),
        ("a\nb \u202e c", "a"),
        ("a\n\nb\x1b[2J\nc", "a"),
        ("\u202e", ""),
        ("größe = '👩\u200d💻'", "größe = '👩\u200d💻'"),
        ("a\rb", ""),
        ("", ""),
    ],
)
def test_what_nobody_would_see_is_left_out(said: str, shown: str) -> None:
    assert plain(said) == shown


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("ab\n\t\u202e"), max_size=60))
def test_what_is_left_is_the_beginning_in_whole_lines(said: str) -> None:
    said = said.replace("\r\n", "\n")
    shown = plain(said)
    assert said.startswith(shown)
    assert shown == said or said[len(shown) :].startswith("\n") or not shown
    hidden = {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl")}
    assert hidden <= set("\n\t\u200c\u200d")
    assert plain(shown) == shown
