"""Questions to an editor itself, which its front answers at once and without its person.

``editor.asked {ask, what, params}`` goes out, ``editor.answer {ask, data | error}`` comes back.
Whoever asks has to know whether what comes back may be shown to anybody. While an editor waits for
a key it answers nothing; which of its files are not saved it has told by then (``editor.unsaved``).
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.ports import EventSink
from zeke_bridge.model.errors import InputError, TimedOutError

# An editor may stand at a hit-enter prompt, and then answers nobody.
LIMIT_S = 5.0
_MOST = 64


class Asking:
    """The questions that one editor has not answered yet."""

    def __init__(self, sink: EventSink, *, answers: bool = True, limit: float = LIMIT_S) -> None:
        """``answers``: whether there is an editor at the other end that can."""
        self._sink = sink
        self.answers = answers
        self.silent = False
        """It has not answered in time, and nothing has come from it since."""
        self.unsaved: frozenset[str] | None = None
        """Where the files of its unsaved buffers are, with and without links; None: not told."""
        self._limit = limit
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, what: str, params: Mapping[str, Any]) -> Any:
        """What the editor says to ``what`` (see ``lua/zeke/asked.lua``), as plain data.

        Raises ``InputError`` when it cannot answer, with its own sentence, and ``TimedOutError``.
        """
        if not self.answers:
            raise InputError("There is no Neovim here that could be asked.")
        if len(self._waiting) >= _MOST:
            raise TimedOutError("Neovim is asked too much at once; try again later.")
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._sink.send("editor.asked", {"ask": number, "what": what, "params": dict(params)})
        try:
            async with asyncio.timeout(self._limit):
                return await future
        except TimeoutError as error:
            self.silent = True
            raise TimedOutError("Neovim did not answer in time; it may wait for a key.") from error
        finally:
            self._waiting.pop(number, None)

    def answer(self, number: int, data: Any, error: str = "") -> bool:
        """Take an answer; False when nobody waits for it."""
        future = self._waiting.get(number)
        if future is None or future.done():
            return False
        if error:
            future.set_exception(InputError(error))
        else:
            future.set_result(data)
        return True

    def may_be_unsaved(self, path: str) -> bool:
        """Whether the file at ``path``, from ``/``, may have changes there that are not on disk.

        As far as is known without a question, for when none is answered.
        """
        told = self.unsaved
        if told is None or path in told:
            return True
        return "\0" not in path and os.path.realpath(path) in told

    def heard(self) -> None:
        """Something has come from it."""
        self.silent = False

    def close(self) -> None:
        """Nobody answers any more."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(InputError("Neovim is gone."))
