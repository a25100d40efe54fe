"""Doing what one answer of a model wants done, and telling the person and the model of it.

What only reads runs side by side, files are written together so that they are reviewed together,
and then come commands, one after the other. Whatever happens, every call has a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from zeke_bridge.agents.effects import Written, WrittenState
from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.kit import Kit
from zeke_bridge.agents.loop.place import whole
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import (
    Arguments,
    Bench,
    Draft,
    Drafts,
    Look,
    MakeDraft,
    Outcome,
    Tool,
)
from zeke_bridge.agents.refusal import of_error, of_written
from zeke_bridge.model.errors import InputError, ZekeError
from zeke_bridge.model.exchange import Message, ToolCall

STOPPED = (
    "Stopped before it ended, and nobody knows how much of it was done: look before you rely on it."
)
UNBEGUN = "Stopped by the person before it began: nothing of it was done."
MOST_CALLS = 32
_AT_ONCE = 8
# The person sees this much of a result; the model gets more.
_SHOWN = 4000
_STATES: dict[WrittenState, str] = {
    "written": "is written",
    "partly": "is partly written",
    "rejected": "is not written: the person rejected it",
    "denied": "is not written: it was denied",
    "failed": "is not written",
    "same": "holds this text already",
    "undecided": "is not written",
}


@dataclass(frozen=True, slots=True)
class _Use:
    """A call that makes sense."""

    call: ToolCall
    tool: Tool
    given: Arguments


class Round:
    """The ``calls`` of one answer. Made, run once, and then asked what came of it."""

    def __init__(self, calls: Sequence[ToolCall], kit: Kit, bench: Bench) -> None:
        self._calls = calls
        self._kit = kit
        self._bench = bench
        self._begun: set[str] = set()
        self._shown: set[str] = set()
        self.outcomes: dict[str, Outcome] = {}
        """By the id of the call; of all calls, once ``run`` has ended in whatever way."""
        self.written: set[str] = set()
        """Paths from the root."""

    async def run(self) -> None:
        """Do it. Cancelled, what was done stays done, and every call still has its outcome."""
        try:
            uses = [use for call in self._calls if (use := self._read(call)) is not None]
            await self._reads([use for use in uses if use.tool.read is not None])
            await self._writes([(use, make) for use in uses if (make := use.tool.draft)])
            for use in uses:
                if use.tool.act is not None:
                    await self._one(use)
        finally:
            for call in self._calls:
                if call.id not in self.outcomes:
                    words = STOPPED if call.id in self._begun else UNBEGUN
                    self._ended(call, Outcome(words, failed=True))

    def messages(self) -> list[Message]:
        """What the model is told, one for each call, in their order."""
        return [
            Message("tool", self.outcomes[call.id].text, call_id=call.id) for call in self._calls
        ]

    def _read(self, call: ToolCall) -> _Use | None:
        """Show the call; None when it makes no sense, which is its outcome then."""
        try:
            if len(self._shown) >= MOST_CALLS:
                raise InputError(f"Too many calls at once: at most {MOST_CALLS}. Ask again.")
            tool, given = self._kit.read(call)
        except InputError as error:
            known = self._kit.tools.get(call.name)
            self._show(call, Look(title("Use", call.name)), known.kind if known else "other", {})
            self._ended(call, _broken(error))
            return None
        self._show(call, tool.look(given, self._bench), tool.kind, given)
        return _Use(call, tool, given)

    def _show(self, call: ToolCall, look: Look, kind: str, given: Arguments) -> None:
        self._shown.add(call.id)
        places = [
            {"path": whole(path, self._bench.root)} | ({} if line is None else {"line": line})
            for path, line in look.places
        ]
        self._bench.say(
            {
                "sessionUpdate": "tool_call",
                "toolCallId": call.id,
                "title": look.title,
                "kind": kind,
                "status": "pending",
                "locations": places,
                "rawInput": dict(given),
            }
        )

    def _update(self, call: ToolCall, fields: Mapping[str, Any]) -> None:
        update = {"sessionUpdate": "tool_call_update", "toolCallId": call.id}
        self._bench.say({**update, **fields})

    def _begin(self, call: ToolCall, **fields: Any) -> None:
        self._begun.add(call.id)
        self._update(call, {"status": "in_progress", **fields})

    def _ended(self, call: ToolCall, outcome: Outcome) -> None:
        self.outcomes[call.id] = outcome
        status = "failed" if outcome.failed else "completed"
        meta = {} if outcome.refusal is None else {"_meta": outcome.refusal.meta()}
        self._update(call, {"status": status, **outcome.fields, **meta})

    async def _reads(self, uses: Sequence[_Use]) -> None:
        limiter = anyio.CapacityLimiter(_AT_ONCE)

        async def one(use: _Use) -> None:
            async with limiter:
                await self._one(use)

        async with anyio.create_task_group() as group:
            for use in uses:
                group.start_soon(one, use)

    async def _one(self, use: _Use) -> None:
        self._begin(use.call)
        try:
            outcome = await self._done(use)
        except ZekeError as error:
            outcome = _broken(error)
        self._ended(use.call, outcome)

    async def _done(self, use: _Use) -> Outcome:
        tool, bench = use.tool, self._bench
        if tool.read is not None:
            outcome = await tool.read(use.given, bench)
        elif tool.act is not None:
            outcome = await tool.act(
                use.given, bench, lambda fields: self._update(use.call, fields)
            )
        else:
            raise InputError(f"{tool.name} does nothing.")
        if outcome.fields:
            return outcome
        return Outcome(outcome.text, outcome.failed, _text(outcome.text))

    async def _writes(self, uses: Sequence[tuple[_Use, MakeDraft]]) -> None:
        """All of them as one: each file once, as the last call on it leaves it."""
        drafts = Drafts(self._bench)
        drafted = [
            (use, path) for use, make in uses if (path := await self._draft(use, make, drafts))
        ]
        if not drafted:
            return
        paths = list(drafts.files)

        def settled(number: int, made: Written) -> None:
            for use, path in drafted:
                if path == paths[number]:
                    self._written(use, path, made)

        try:
            await self._bench.effects.write(tuple(drafts.files.values()), settled)
        except ZekeError as error:
            for use in [use for use, _ in drafted if use.call.id not in self.outcomes]:
                words = f"Nothing was written: {error.message}"
                self._ended(use.call, Outcome(words, failed=True, refusal=of_error(error)))

    async def _draft(self, use: _Use, make: MakeDraft, drafts: Drafts) -> str:
        """The path of what ``use`` wants written; empty when it cannot be."""
        self._begin(use.call)
        try:
            draft = await make(use.given, drafts)
        except ZekeError as error:
            self._ended(use.call, _broken(error))
            return ""
        drafts.files[draft.file.path] = draft.file
        self._update(use.call, {"content": [_diff(draft, self._bench.root)]})
        return draft.file.path

    def _written(self, use: _Use, path: str, made: Written) -> None:
        if made.state in ("written", "partly"):
            self.written.add(path)
        counts = ""
        if made.added or made.removed:
            plural = "" if made.added == 1 else "s"
            counts = f", {made.added} line{plural} added, {made.removed} removed"
        words = f"{path} {_STATES[made.state]}{counts}. {made.words}".strip()
        failed = made.state not in ("written", "partly", "same")
        # What went wrong is shown below the call, and what was refused beside it.
        fields = _text(made.reason) if made.state == "failed" and made.reason else {}
        self._ended(use.call, Outcome(words, failed, fields, of_written(made)))


def _broken(error: ZekeError) -> Outcome:
    return Outcome(error.message, True, _text(error.message), of_error(error))


def _text(words: str) -> dict[str, Any]:
    """The content of an update that shows ``words``."""
    inner = {"type": "text", "text": cut(words, _SHOWN)}
    return {"content": [{"type": "content", "content": inner}]}


def _diff(draft: Draft, root: str) -> dict[str, Any]:
    file = draft.file
    return {
        "type": "diff",
        "path": whole(file.path, root),
        "oldText": draft.old,
        "newText": file.text,
    }
