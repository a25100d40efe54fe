"""A project on disk, a model that says what it is told, and who hears of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.effects import FakeEffects, Heard
from zeke_bridge.agents.agent import Stop
from zeke_bridge.agents.loop.turn import Options, run_turn
from zeke_bridge.model.exchange import (
    Answer,
    Audience,
    ChatAsk,
    Cost,
    Delta,
    Message,
    Piece,
    Receipt,
    ToolCall,
    Usage,
)

APP = "def total(xs):\n    return sum(xs)\n"


def call(name: str, /, id: str = "", **given: Any) -> ToolCall:  # noqa: A002
    return ToolCall(id, name, json.dumps(given))


def says(text: str = "", *calls: ToolCall, tokens: int = 10, **more: Any) -> Answer:
    cost = more.pop("cost", Cost())
    receipt = Receipt("m", "p", usage=Usage(tokens - 1, 1, tokens), cost=cost)
    return Answer(text, receipt, calls=calls, **more)


@dataclass
class Model:
    """Says the next of ``script``; an error is raised, "hang" waits for ever after some text."""

    script: list[Answer | Exception | str] = field(default_factory=list)
    asked: list[ChatAsk] = field(default_factory=list)
    hangs: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        self.asked.append(ask)
        said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            if said:
                yield Delta(said)
            self.hangs.set()
            await asyncio.Event().wait()
            return
        for piece in (said.text[:3], said.text[3:]):
            if piece:
                yield Delta(piece)
        yield said


@dataclass
class Scene:
    effects: FakeEffects
    heard: Heard
    model: Model
    messages: list[Message]

    async def turn(self, words: str, *script: Answer | Exception | str, **options: Any) -> Stop:
        self.model.script = list(script)
        self.messages.append(Message("user", words))
        return await run_turn(
            self.messages,
            self.effects,
            self.heard,
            self.model,
            lambda: Audience("auto"),
            root=str(self.effects.root),
            options=Options(**options),
        )

    def results(self) -> list[str]:
        return [turn.content for turn in self.messages if turn.role == "tool"]

    def statuses(self) -> list[str]:
        kinds = ("tool_call", "tool_call_update")
        return [
            str(one["status"])
            for one in self.heard.updates
            if one["sessionUpdate"] in kinds and "status" in one
        ]

    def refused(self) -> list[str]:
        """The states of calls that somebody did not want, in order."""
        metas = [one["_meta"]["zeke"] for one in self.heard.updates if "_meta" in one]
        return [str(meta["state"]) for meta in metas]


Valid = Callable[[Sequence[Message]], None]


def check(messages: Sequence[Message]) -> None:
    """What OpenAI demands: each call is answered, at once, once, in any order; ids are unique."""
    seen: set[str] = set()
    open_ids: list[str] = []
    for turn in messages:
        if turn.role == "tool":
            assert turn.call_id in open_ids
            open_ids.remove(turn.call_id)
            continue
        assert not open_ids
        open_ids = [one.id for one in turn.calls]
        assert len(set(open_ids)) == len(open_ids)
        assert not seen.intersection(open_ids)
        assert all(open_ids)
        seen.update(open_ids)
        for one in turn.calls:
            assert isinstance(json.loads(one.arguments), dict)
        assert turn.content or turn.calls or turn.role == "user"
    assert not open_ids


@pytest.fixture
def effects(tmp_path: Path) -> FakeEffects:
    (tmp_path / "src").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "src" / "box.py").write_text("class Box:\n    size = 1\n")
    return FakeEffects(tmp_path)


@pytest.fixture
def scene(effects: FakeEffects) -> Scene:
    return Scene(effects, Heard(), Model(), [])
