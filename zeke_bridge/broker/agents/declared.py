"""What an agent declares to be about to do, and asks to be let: ``session/request_permission``.

Where it can be made into the very action that would follow, that is judged, asked and remembered
once for the call that follows; else the request itself is what a person is asked about. A yes here
is never a yes to anything else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from zeke_bridge.agents.effects import Command, Declared, FileText
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.drafting import drafted, looked
from zeke_bridge.broker.agents.named import named
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.running import execution
from zeke_bridge.broker.agents.tools import canonical_sha256, json_lines
from zeke_bridge.broker.attachments.part import as_text
from zeke_bridge.broker.consent.memory import Once
from zeke_bridge.broker.review import Base
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ConsentError, InputError, ZekeError
from zeke_bridge.warden.escape import escape
from zeke_bridge.warden.prompt import MAX_LINES

MOST_EDITS = 64
_MOST_RAW = 256 * 1024
_MOST_TITLE = 8 * 1024
# What is longer might be cut as a note.
_NOTED = 120
_WIDTH = 68
_TELLING = ("kind", "rawInput", "content", "locations")
_SHOWN_BEFORE = ("kind", "locations")
_RESULT = "declared, not done yet"
_KIND = re.compile(r"[a-z_]{1,32}")


class Declarations:
    """Those of one agent's session."""

    def __init__(self, owner: Owner, approved: Approved) -> None:
        self._owner = owner
        self._approved = approved
        self._expected: list[Once] = []

    async def declared(self, request: Declared) -> bool:
        """Whether the person, or a rule of theirs, lets the agent go on. Never an error."""
        memory, expected = self._owner.editor.consents.memory, list[Once]()
        actions: Sequence[Action] = ()
        try:
            actions = await self._actions(request)
            for action in actions:
                expected += await self._allowed(action)
        except BaseException as error:
            # One no is a no to all of it: the agent is told to let it be.
            memory.spend(*expected)
            if isinstance(error, ZekeError):
                return False
            raise
        self._expected += expected
        for action in actions:
            if action.content_sha256:
                place = str(PurePosixPath(action.root, action.path))
                self._approved.declare(place, action.content_sha256)
        return True

    def forget(self) -> None:
        """What was allowed once for this turn is not any more."""
        expected, self._expected = self._expected, []
        self._owner.editor.consents.memory.spend(*expected)

    async def _allowed(self, action: Action) -> Sequence[Once]:
        """What may follow once. Raises ``ConsentError`` when it may not be."""
        editor = self._owner.editor
        permit = await editor.authorize(action, result=_RESULT)
        if action.op is Op.MCP:
            return ()
        once = editor.services.gate.expect(permit, editor.consents)
        return () if once is None else (once,)

    async def _actions(self, request: Declared) -> Sequence[Action]:
        """What it would do, else the request itself. Raises ``ZekeError``."""
        owner, note = self._owner, f"declared by the agent: {request.title}"
        if request.kind == "execute" and request.argv and not request.edits:
            command = Command(request.argv, request.cwd)
            return [execution(owner, command, note)]
        if request.kind == "edit" and request.edits and not request.argv:
            try:
                found = await self._edits(request, note)
            except ConsentError:
                raise
            except ZekeError:
                # It is no text, or too long, or in no state to be read.
                found = ()
            if found:
                return found
        return [_itself(owner, request, note)]

    async def _edits(self, request: Declared, note: str) -> Sequence[Action]:
        """The writes that the declared diffs come to; none where one of them fits nothing."""
        owner = self._owner
        texts: dict[str, str | None] = {}
        bases: dict[str, Base] = {}
        if len(request.edits) > MOST_EDITS:
            return []
        for path, old, new in request.edits:
            place = owner.absolute(path)
            if place not in bases:
                bases[place] = await looked(owner, path)
                texts[place] = _text(bases[place])
            changed = _changed(texts[place], old, new)
            if changed is None:
                return []
            texts[place] = changed
        actions: list[Action] = []
        for place, base in bases.items():
            file = FileText(place, texts[place] or "")
            choice = await asyncio.to_thread(drafted, owner, file, base)
            if choice is None or choice.action is None:
                return []
            actions.append(replace(choice.action, note=note))
        return actions


def _text(base: Base) -> str | None:
    r"""What an agent has read there, with ``\n`` at the end of lines; None for no file."""
    if not base.exists:
        return None
    return as_text(base.encode(base.lines))


def _changed(text: str | None, old: str | None, new: str) -> str | None:
    r"""``text`` with what was declared of it; None where that is not clear.

    ACP's diff has the whole texts (``oldText`` null: a new file); agents also send the part that
    they change, which has to be there exactly once. Lines end in ``\n`` here.
    """
    old = None if old is None else old.replace("\r\n", "\n")
    new = new.replace("\r\n", "\n")
    if old is None or (text is None and not old):
        return new
    if text is None:
        return None
    if text in (old, f"{old}\n"):
        return new
    if not old or text.count(old) != 1:
        return None
    return text.replace(old, new)


def _itself(owner: Owner, request: Declared, note: str) -> Action:
    """Asking for just this request; [2] and [3] hold for it alone.

    They are not offered where it names what is asked about each time. Raises ``InputError``.
    """
    raw = request.raw.get("toolCall", request.raw)
    # Not the id of the call, which is another one each time.
    told = {name: raw[name] for name in _TELLING if name in raw} if isinstance(raw, Mapping) else {}
    edits, argv, paths = list(request.edits), list(request.argv), list(request.paths)
    said = [request.title, request.kind, edits, argv, request.cwd, paths, told]
    kind = request.kind if _KIND.fullmatch(request.kind) else "other"
    lines = list(_lines(request, told))
    title = escape(request.title)
    if len(title) > _NOTED or not lines:
        lines = [*_said(request.title), *lines]
    size = sum(map(len, lines))
    if len(title.encode()) > _MOST_TITLE or size > _MOST_RAW or len(lines) > MAX_LINES:
        raise InputError("What is declared is too long to be shown, so it is not allowed.")
    return Action(
        Op.MCP,
        owner.root,
        owner.subject,
        tool=f"{owner.name}/declared/{kind}",
        tool_sha256=canonical_sha256(said),
        names=named(request, owner.root),
        note=note,
        diff=tuple(lines),
    )


def _lines(request: Declared, told: Mapping[str, Any]) -> Iterator[str]:
    """What a person is shown of it."""
    if request.argv:
        yield f"command: {' '.join(request.argv)}"
    if request.cwd:
        yield f"in: {request.cwd}"
    yield from (f"path: {path}" for path in request.paths)
    for path, old, new in request.edits:
        yield f"change: {path}"
        yield from (f"-{line}" for line in (old or "").splitlines())
        yield from (f"+{line}" for line in new.splitlines())
    if told and not (request.argv or request.edits):
        yield from _rest(told)


def _rest(told: Mapping[str, Any]) -> Iterator[str]:
    """What is neither in the tool's name nor among the paths: text as text, the rest as JSON."""
    rest = {name: said for name, said in told.items() if said and name not in _SHOWN_BEFORE}
    texts = [_plain(item) for item in rest.get("content", ())]
    if None not in texts:
        rest.pop("content", None)
    yield from (line for text in texts if text for line in _said(text))
    if rest:
        yield from json_lines(rest)


def _said(text: str) -> Iterator[str]:
    """``text`` in lines that fit most windows; one that goes on is no other one of ours."""
    for line in text.splitlines():
        for at in range(0, max(1, len(line)), _WIDTH):
            yield f"{'      ' if at else 'says: '}{line[at : at + _WIDTH]}"


def _plain(item: Any) -> str | None:
    """The text that a piece of ``content`` is, if it is one."""
    inner = item.get("content") if isinstance(item, Mapping) else None
    if not isinstance(inner, Mapping) or not inner.keys() <= {"type", "text"}:
        return None
    text = inner.get("text")
    return text if isinstance(text, str) else None
