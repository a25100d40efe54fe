"""One model's price, and what an answer costs by it. Pure.

Prices are in US dollars a million tokens. A price with steps holds for all tokens of a call, by
the length of its prompt, as OpenAI, Anthropic and Google charge. Does not know where prices come
from.
"""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.model.exchange import Cost, Usage

_MILLION = 1_000_000.0

Steps = tuple[tuple[int, float], ...]
"""Prices with the prompt's length, in tokens, that must be exceeded for each; lowest first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """US dollars a million tokens, for a prompt of ordinary length. None: nobody knows."""

    input: float | None = 0.0
    output: float | None = 0.0
    cached_input: float | None = 0.0


def flat(price: float) -> Steps:
    """The same for every length."""
    return ((-1, price),)


@dataclass(frozen=True, slots=True)
class Price:
    """What has no steps of its own costs as ``input``; ``reasoning`` costs as ``output``.

    Of ``input`` and ``output``, one that is None is known to nobody; one without steps is free.
    ``request`` is charged for every call beside its tokens, in US dollars.
    """

    input: Steps | None = ()
    output: Steps | None = ()
    cached: Steps = ()
    written: Steps = ()
    reasoning: Steps = ()
    request: float = 0.0

    def rate(self) -> Rate:
        """What a short prompt pays."""
        asked = None if self.input is None else _at(self.input, 0)
        said = None if self.output is None else _at(self.output, 0)
        return Rate(asked, said, _at(self.cached, 0) if self.cached else asked)

    def cost(self, usage: Usage) -> Cost:
        """What the tokens of ``usage`` cost. Parts that exceed their whole are cut off.

        Tokens whose price nobody knows add nothing, and then the cost is not ``known``.
        """
        prompt = max(0, usage.prompt_tokens)
        cached = min(max(0, usage.cached_tokens), prompt)
        written = min(max(0, usage.cache_write_tokens), prompt - cached)
        answer = completion(usage)
        thought = min(max(0, usage.reasoning_tokens), answer) if self.reasoning else 0
        known = not ((prompt and self.input is None) or (answer and self.output is None))
        fresh_price, said_price = _at(self.input or (), prompt), _at(self.output or (), prompt)
        asked = (
            (prompt - cached - written) * fresh_price
            + cached * _at(self.cached, prompt, fresh_price)
            + written * _at(self.written, prompt, fresh_price)
        ) / _MILLION
        said = (
            (answer - thought) * said_price + thought * _at(self.reasoning, prompt, said_price)
        ) / _MILLION
        return Cost(asked, said, asked + said + self.request, known)


def completion(usage: Usage) -> int:
    """The tokens of the answer that are charged.

    Some servers (xAI, Gemini's OpenAI dialect) count what was thought in the total, but not in the
    completion: https://docs.x.ai/docs/guides/reasoning.
    """
    said = max(0, usage.completion_tokens)
    thought = max(0, usage.reasoning_tokens)
    if thought and usage.total_tokens == usage.prompt_tokens + said + thought:
        return said + thought
    return said


def _at(steps: Steps, prompt: int, otherwise: float = 0.0) -> float:
    """The price for a prompt of that length; ``otherwise`` when there is none."""
    return next((price for above, price in reversed(steps) if prompt > above), otherwise)
