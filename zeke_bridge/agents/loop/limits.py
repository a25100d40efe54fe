"""How far a turn may go, and how far it has gone. Does not know what it goes on with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zeke_bridge.agents.agent import StopReason
from zeke_bridge.model.exchange import Cost, Receipt, Usage


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one turn: answers of the model, tokens, and US dollars."""

    steps: int = 40
    tokens: int = 200_000
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a turn ends, in ACP's word and in a sentence for the person."""

    reason: StopReason
    words: str


class Spent:
    """What a turn has taken so far."""

    def __init__(self) -> None:
        self.steps = 0
        self.receipt: Receipt | None = None
        """The last answer's, with the usage and the cost of all."""

    def answered(self, receipt: Receipt) -> None:
        """Count an answer of the model that leads the turn."""
        self.steps += 1
        self.add(receipt)

    def add(self, receipt: Receipt) -> None:
        """Count what an answer took."""
        before = self.receipt
        if before is not None:
            usage, cost = _usage(before.usage, receipt.usage), _cost(before.cost, receipt.cost)
            cached = before.cached and receipt.cached
            receipt = replace(receipt, usage=usage, cost=cost, cached=cached)
        self.receipt = receipt

    def over(self, limits: Limits) -> Ending | None:
        """Why the turn may not go on, if it may not. An unknown price ends no turn."""
        if self.steps >= limits.steps:
            return Ending(
                "max_turn_requests",
                f"Stopped after {self.steps} steps, the limit of one turn "
                "(`agents.limits.steps`). Say “go on” to continue.",
            )
        told = self.receipt or Receipt()
        if told.usage.total_tokens >= limits.tokens:
            return Ending(
                "max_tokens",
                f"Stopped after {told.usage.total_tokens} tokens, the limit of one turn is "
                f"{limits.tokens} (`agents.limits.tokens`). Say “go on” to continue.",
            )
        if told.cost.total_cost >= limits.cost and told.cost.total_cost > 0:
            return Ending(
                "max_tokens",
                f"Stopped after ${told.cost.total_cost:.2f}, the limit of one turn is "
                f"${limits.cost:.2f} (`agents.limits.cost`). Say “go on” to continue.",
            )
        return None


def _usage(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.total_tokens + other.total_tokens,
        one.cached_tokens + other.cached_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
        one.reasoning_tokens + other.reasoning_tokens,
    )


def _cost(one: Cost, other: Cost) -> Cost:
    return Cost(
        one.input_cost + other.input_cost,
        one.output_cost + other.output_cost,
        one.total_cost + other.total_cost,
        one.known and other.known,
    )
