"""Reading a file for an agent: what its person sees there comes before what is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.attachments.part import as_text
from zeke_bridge.model.action import ASSISTANT, Op
from zeke_bridge.model.errors import (
    ChangedError,
    DeniedError,
    InputError,
    TimedOutError,
    ZekeError,
)
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Buffer
from zeke_bridge.warden.form import path_problem

READ_LIMIT = 1024 * 1024
_SHOWN = "shown to the agent"
_KEPT_HERE = (
    "The consent file of this file's project keeps its text on this machine, and what you send "
    "where cannot be seen."
)
_UNTOLD = "{} has changes in Neovim that are not saved, and they cannot be told. {}"
_UNKNOWN = "Whether {} has changes in Neovim that are not saved is not known. {}"


@dataclass(frozen=True, slots=True)
class Unsaved:
    r"""``text`` is that of ``buffer`` as a file would hold it, with ``\n`` between its lines.

    ``path`` is where that file really is, as the editor found it just now.
    """

    text: str
    buffer: Buffer
    path: str


async def read(owner: Owner, path: str) -> str:
    r"""The text of the file at ``path``, its lines ended by ``\n``.

    Raises ``ConsentError``, ``StoreError``, ``InputError`` when it is no text or too long, and what
    ``unsaved`` does.
    """
    editor = owner.editor
    permit = await _allowed(owner, path)
    target = permit.facts.target
    where = target.absolute if target is not None else path
    try:
        shown(owner, where)
        there = await unsaved(owner, where)
    except ZekeError as error:
        await editor.record(permit, error.code)
        raise
    if there is not None:
        if there.path != where:
            # A link came to be there since, and the text is another file's.
            await editor.record(permit, ChangedError.code)
            raise ChangedError(f"{owner.shown(path)} was changed while it was read: read it again.")
        await editor.record(permit, _SHOWN)
        content = there.text.encode("utf-8", "surrogateescape")
        if len(content) > READ_LIMIT:
            raise InputError(f"{owner.shown(path)} is over 1 MiB; that is too much.")
        owner.seen.keep(owner.absolute(path), there.text)
        return as_text(content)
    owner.seen.forget(owner.absolute(path))
    content = await editor.read(permit, READ_LIMIT, use=_SHOWN)
    try:
        return as_text(content)
    except InputError as error:
        raise InputError(f"{owner.shown(path)} cannot be read: {error.message}") from error


async def _allowed(owner: Owner, path: str) -> Permit:
    """The permit to read; nobody is asked where their yes could not count."""
    action, barred = owner.action(Op.READ, path), _is_barred(owner, path)
    try:
        return await owner.editor.authorize(action, quiet=barred)
    except DeniedError as error:
        if not barred:
            raise
        raise DeniedError(_KEPT_HERE) from error


def _is_barred(owner: Owner, path: str) -> bool:
    """Whether text of ``path`` may not be shown to this agent, whatever a person says."""
    return owner.subject != ASSISTANT and _is_kept(owner, path)


def _is_kept(owner: Owner, path: str) -> bool:
    return not path_problem(path) and owner.editor.keeps_here(owner.absolute(path))


def shown(owner: Owner, path: str) -> None:
    """Note that text of ``path`` is about to be shown, where its project keeps that here.

    Raises ``DeniedError`` when it would go to somebody of whom nobody knows where they send it.
    """
    if _is_barred(owner, path):
        raise DeniedError(_KEPT_HERE)
    if not _is_kept(owner, path):
        return
    owner.seen.kept_here = True
    # Its person's editor says it with each later turn, whatever becomes of this broker.
    owner.say({"sessionUpdate": "_zeke/kept", "path": owner.absolute(path)})


async def unsaved(owner: Owner, path: str) -> Unsaved | None:
    """What stands in a buffer of the editor and not on disk; None where that is the same.

    Shows nobody anything: whoever asks has to know whether the text may be told. Raises
    ``InputError`` where there is such a text and it cannot be told, and ``TimedOutError`` where
    there is one, or nobody knows, and the editor does not answer: what is on disk would be taken
    for it.
    """
    absolute, asking = owner.absolute(path), owner.editor.asking
    if not asking.answers or (asking.silent and not asking.may_be_unsaved(absolute)):
        return None
    try:
        said = await asking.ask("text", {"path": absolute})
    except InputError as error:
        raise InputError(_UNTOLD.format(owner.shown(path), error.message)) from error
    except TimedOutError as error:
        if not asking.may_be_unsaved(absolute):
            return None
        words = _UNKNOWN if asking.unsaved is None else _UNTOLD
        raise TimedOutError(words.format(owner.shown(path), error.message)) from error
    return _held(said, absolute)


def _held(said: Any, path: str) -> Unsaved | None:
    """An editor's answer, which is not believed to have the right form."""
    match said:
        case {
            "path": str(real),
            "text": str(text),
            "changedtick": int(tick),
            "eol": str(eol),
            "bom": bool(bom),
        }:
            buffer = Buffer(
                text.removesuffix("\n"),
                path,
                changedtick=tick,
                modified=True,
                eol=eol,
                final_eol=text.endswith("\n"),
                bom=bom,
            )
            return Unsaved(text, buffer, real)
        case _:
            return None
