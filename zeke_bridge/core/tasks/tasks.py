"""Every task as one call of a ``Relay``.

The upstream call is always streamed, so that silence is noticed and leaving cancels it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from zeke_bridge.core.order import Aim, Order
from zeke_bridge.core.prompts import analyze, code, complete, project, terminal
from zeke_bridge.core.prompts.prompt import Prompt
from zeke_bridge.core.relay.call import Call
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.tasks import findings, suggestion
from zeke_bridge.core.tasks.filling import Filling
from zeke_bridge.core.tasks.work import End, Heard, Terms, Work
from zeke_bridge.model.errors import BadAnswerError, ContextError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Answer,
    Audience,
    CodeAsk,
    CodeTask,
    CompleteAsk,
    ContextAsk,
    Delta,
    TerminalAsk,
    TerminalTask,
)

Pieces = AsyncGenerator[Delta | End, None]

_CODE: dict[CodeTask, Callable[[CodeAsk], Prompt]] = {
    "explain": code.explain,
    "refactor": code.refactor,
    "test": code.test,
}
_TERMINAL: dict[TerminalTask, Callable[[TerminalAsk], Prompt]] = {
    "suggest": terminal.suggest,
    "explain": terminal.explain,
    "debug": terminal.debug,
}
# A rewrite or a test file that stops in the middle is worse than none.
_ALL_OR_NOTHING: tuple[CodeTask, ...] = ("refactor", "test")


class Tasks:
    """Runs tasks over a ``Relay``. Nothing is asked before somebody reads a work's pieces."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def code(self, ask: CodeAsk, terms: Terms) -> Work:
        """Explain, rewrite or test one snippet."""
        call = self._call(ask.audience, ask.task, _CODE[ask.task](ask), terms)
        return Work(call, _text(call, whole=ask.task in _ALL_OR_NOTHING))

    def complete(self, ask: CompleteAsk, terms: Terms) -> Work:
        """What belongs at the cursor; it may be nothing."""

        def body(aim: Aim) -> Mapping[str, Any]:
            if aim.fills:
                return complete.middle(ask, small=aim.small)
            return complete.chat(ask, small=aim.small)

        asked = complete.chat(ask, small=False)
        order = Order(ask.audience, "completion", asked, body, "fill", **terms._asdict())
        call = self._relay.call(order)
        filling = Filling(ask.prefix, ask.suffix, ask.language, most=ask.max_lines)
        return Work(call, _filled(call, filling))

    def context(self, ask: ContextAsk, terms: Terms) -> Work:
        """Answer a question about a project."""
        call = self._call(ask.audience, "context", project.context(ask), terms)
        return Work(call, _text(call))

    def terminal(self, ask: TerminalAsk, terms: Terms) -> Work:
        """Suggest a command, explain one, or find out why one failed."""
        call = self._call(ask.audience, "terminal", _TERMINAL[ask.task](ask), terms)
        return Work(call, _suggested(call, ask) if ask.task == "suggest" else _text(call))

    def analyze(self, ask: AnalyzeAsk, terms: Terms) -> Work:
        """The findings of all items, by one upstream call."""
        call = self._call(ask.audience, "analyze", analyze.analyze(ask.items), terms)
        return Work(call, _analyzed(call, ask))

    def _call(self, who: Audience, task: str, prompt: Prompt, terms: Terms) -> Call:
        def body(aim: Aim) -> Mapping[str, Any]:
            return prompt.body(small=aim.small)

        asked = prompt.body(small=False)
        return self._relay.call(Order(who, task, asked, body, "chat", **terms._asdict()))


async def _text(call: Call, *, whole: bool = False) -> Pieces:
    """The answer as it comes. With ``whole``, one that ran out of room is an error."""
    heard = Heard(call)
    async with contextlib.aclosing(heard.listen()) as texts:
        async for text in texts:
            yield Delta(text)
    receipt = heard.receipt()
    if not heard.text.strip():
        call.useless()
        raise BadAnswerError(f"{receipt.provider} answered with nothing: try again.")
    if whole and heard.reason == "length":
        raise ContextError("The model ran out of room before its answer ended: select less.")
    yield Answer(heard.text, receipt)


async def _filled(call: Call, filling: Filling) -> Pieces:
    """The filling line by line; the call is left as soon as no more of it is wanted."""
    heard = Heard(call)
    async with contextlib.aclosing(heard.listen()) as texts:
        async for text in texts:
            if line := filling.feed(text):
                yield Delta(line)
            if filling.ended:
                call.enough()
                break
    if rest := filling.finish(cut=heard.reason == "length"):
        yield Delta(rest)
    yield Answer(filling.text, heard.receipt())


async def _suggested(call: Call, ask: TerminalAsk) -> Pieces:
    heard = Heard(call)
    try:
        found = suggestion.parse(await heard.all(), ask.shell)
    except BadAnswerError:
        call.useless()
        raise
    yield Answer(suggestion.told(found), heard.receipt(), found)


async def _analyzed(call: Call, ask: AnalyzeAsk) -> Pieces:
    heard = Heard(call)
    found = findings.parse(await heard.all(), ask.items)
    if len(found) < len(ask.items):
        call.useless()
    yield Analysis(found, heard.receipt())
