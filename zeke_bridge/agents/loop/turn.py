"""One turn of the built-in assistant: the model is asked, what it wants is done, until it is done.

Does not know whether it runs in a chat or in a session of its own, nor what stands behind
``ask_model``.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from zeke_bridge.agents.agent import Stop, StopReason
from zeke_bridge.agents.effects import Effects, Say
from zeke_bridge.agents.loop import arguments, by_steps
from zeke_bridge.agents.loop.compaction import compacted
from zeke_bridge.agents.loop.kit import FUNCTION_NAME, ForeignTool, Kit
from zeke_bridge.agents.loop.limits import Ending, Limits, Spent
from zeke_bridge.agents.loop.round import Round
from zeke_bridge.agents.loop.tool import Bench, Rewrite
from zeke_bridge.agents.loop.tools import TOOLS
from zeke_bridge.agents.loop.way import ByCalls, Said, Way
from zeke_bridge.model.errors import (
    BadAnswerError,
    ContextError,
    CostLimitError,
    FilteredError,
    NoModelError,
    RefusedError,
    UnableError,
    ZekeError,
)
from zeke_bridge.model.exchange import (
    Answer,
    Audience,
    ChatAsk,
    Delta,
    Message,
    Piece,
    ToolCall,
)

AskModel = Callable[[ChatAsk], AsyncGenerator[Piece, None]]
NO_ANSWER = "(stopped before an answer)"
_REPEATS = 3
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Options:
    """How a turn is done.

    ``more`` are tools beside the built-in ones. ``rewrite`` changes files for a model that calls
    no tools. ``toolless`` remembers such models, by the name they are asked by, from turn to turn.
    With ``plain`` they just answer.
    """

    limits: Limits = field(default_factory=Limits)
    more: Sequence[ForeignTool] = ()
    rewrite: Rewrite | None = None
    toolless: set[str] = field(default_factory=set)
    plain: bool = False


async def run_turn(
    messages: list[Message],
    effects: Effects,
    say: Say,
    ask_model: AskModel,
    audience: Callable[[], Audience],
    *,
    root: str,
    options: Options | None = None,
) -> Stop:
    """Answer the last of ``messages``, to which all that is said and done is added.

    ``say`` gets ACP's session updates, ``audience`` is asked before each step (an answered
    question may change who may see the text). Raises ``CoreError`` when the model cannot be asked.
    However it ends, also cancelled, ``messages`` hold a result for each call and can go on.
    """
    taken = options or Options()
    bench = Bench(effects, root, say, Spent(), taken.rewrite)
    return await _Turn(messages, bench, ask_model, audience, taken).run()


class _Turn:
    def __init__(
        self,
        messages: list[Message],
        bench: Bench,
        ask_model: AskModel,
        audience: Callable[[], Audience],
        options: Options,
    ) -> None:
        self._messages = messages
        self._bench = bench
        self._spent = bench.spent
        self._ask_model = ask_model
        self._audience = audience
        self._options = options
        self._by_calls = Kit(TOOLS, self._options.more)
        by_instruction = self._options.rewrite is not None
        self._by_steps = by_steps.kit(self._options.more, by_instruction=by_instruction)
        self._settled: set[str] = set()
        self._again: Counter[tuple[str, str, str]] = Counter()
        self._heard: list[str] = []

    async def run(self) -> Stop:
        """See ``run_turn``."""
        await arguments.load()
        while True:
            try:
                kit, said, answer = await self._next()
            except FilteredError as error:
                return self._end(Ending("refusal", error.message))
            except BaseException:
                # What was said so far was seen, so it was said.
                if self._heard or self._messages[-1].role == "user":
                    self._messages.append(Message("assistant", self._shown() or NO_ANSWER))
                raise
            self._spent.answered(answer.receipt)
            if not said.calls:
                return self._last(said, answer.finish)
            await self._do(kit, said)
            ending = self._repeated() or self._spent.over(self._options.limits)
            if ending is not None:
                return self._end(ending)

    async def _next(self) -> tuple[Kit, Said, Answer]:
        """The next answer. What is too long is made shorter, as often as that is possible."""
        while True:
            try:
                return await self._asked()
            except ContextError:
                shorter = compacted(self._messages)
                if shorter is None or self._heard:
                    raise
                self._messages[:] = shorter
                self._tell("agent_thought_chunk", "Older results are shortened to make room.\n")

    async def _asked(self) -> tuple[Kit, Said, Answer]:
        audience = self._audience()
        if audience.model in self._options.toolless:
            return await self._otherwise(audience)
        try:
            way = ByCalls(self._by_calls, optional=self._options.plain)
            return await self._answered(way, audience)
        except (NoModelError, RefusedError, CostLimitError) as error:
            if self._heard:
                raise
            # No model that may be asked calls tools now, or its server does not take them.
            found = await self._otherwise(audience)
            if isinstance(error, UnableError | RefusedError):
                self._options.toolless.add(audience.model)
            return found

    async def _otherwise(self, audience: Audience) -> tuple[Kit, Said, Answer]:
        if self._options.plain:
            return await self._answered(ByCalls(Kit(())), audience)
        self._bench = replace(self._bench, most=by_steps.MOST)
        way = by_steps.BySteps(self._by_steps, await self._files(), self._settled)
        return await self._answered(way, audience)

    async def _files(self) -> Sequence[str]:
        try:
            return await self._bench.effects.names("")
        except ZekeError:
            return ()

    async def _answered(self, way: Way, audience: Audience) -> tuple[Kit, Said, Answer]:
        self._heard = []
        async with aclosing(self._ask_model(way.ask(audience, self._messages))) as pieces:
            async for piece in pieces:
                match piece:
                    case Delta(text):
                        if shown := way.hear(text):
                            self._heard.append(shown)
                            self._tell("agent_message_chunk", shown)
                    case Answer():
                        said = way.said(piece)
                        rest = said.text.removeprefix(self._shown())
                        if rest and said.text.startswith(self._shown()):
                            self._tell("agent_message_chunk", rest)
                        self._heard = []
                        return way.kit, said, piece
        raise BadAnswerError("The answer broke off before its end: try again.")

    async def _do(self, kit: Kit, said: Said) -> None:
        calls = self._named(said.calls)
        self._messages.append(Message("assistant", said.text, tuple(map(_readable, calls))))
        work = Round(calls, kit, self._bench)
        try:
            await work.run()
        finally:
            self._messages.extend(work.messages())
        self._remember(calls, work, kit)

    def _remember(self, calls: Sequence[ToolCall], work: Round, kit: Kit) -> None:
        """Note what comes again and again, and which files are as they were wanted."""
        if work.written:
            self._again.clear()
        looked = False
        for call in calls:
            outcome, tool = work.outcomes[call.id], kit.tools.get(call.name)
            looks = tool is not None and tool.read is not None
            looked = looked or looks or bool(tool and tool.act)
            if outcome.failed or looks:
                self._again[call.name, call.arguments, outcome.text] += 1
        if looked:
            self._settled.clear()
        self._settled |= work.written

    def _repeated(self) -> Ending | None:
        for (name, _, _), times in self._again.items():
            if times >= _REPEATS:
                return Ending(
                    "end_turn",
                    f"Stopped: the model used {name} {times} times in the same way and with the "
                    "same result. Say it in other words, or choose another model with "
                    "`:ZekeSetModel`.",
                )
        return None

    def _named(self, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """``calls`` with ids that nobody else has."""
        taken = {call.id for turn in self._messages for call in turn.calls}
        named = []
        for call in calls:
            fine = call.id.isascii() and call.id.isprintable() and 0 < len(call.id) <= _LONGEST_ID
            # Nine letters and digits: the strictest provider takes no others.
            own = call.id if fine and call.id not in taken else uuid.uuid4().hex[:9]
            taken.add(own)
            named.append(replace(call, id=own))
        return tuple(named)

    def _last(self, said: Said, finish: str) -> Stop:
        text = said.text
        if finish == "length":
            words = "The model ran out of room before its answer ended: say “go on”."
            return self._end(Ending("max_tokens", words), text)
        if finish == "content_filter":
            words = "The provider's content filter ended the answer: ask in other words."
            return self._end(Ending("refusal", words), text)
        if not text.strip():
            return self._end(Ending("end_turn", "The model said nothing: ask again."))
        self._messages.append(Message("assistant", text))
        return self._stop("end_turn")

    def _end(self, ending: Ending, said: str = "") -> Stop:
        before = f"{said.rstrip()}\n\n" if said.strip() else ""
        self._tell("agent_message_chunk", f"\n\n{ending.words}")
        self._messages.append(Message("assistant", f"{before}{ending.words}"))
        return self._stop(ending.reason)

    def _stop(self, reason: StopReason) -> Stop:
        return Stop(reason, self._spent.receipt)

    def _shown(self) -> str:
        return "".join(self._heard)

    def _tell(self, kind: str, text: str) -> None:
        self._bench.say({"sessionUpdate": kind, "content": {"type": "text", "text": text}})


def _readable(call: ToolCall) -> ToolCall:
    """``call`` as any provider reads it back: with a proper name, and an object as arguments."""
    name = call.name if FUNCTION_NAME.fullmatch(call.name) else "unknown"
    said = call.arguments.strip() or "{}"
    try:
        fine = isinstance(json.loads(said), dict)
    except (ValueError, RecursionError):
        fine = False
    # What is none is kept inside one.
    return replace(call, name=name, arguments=said if fine else json.dumps({"arguments": said}))
