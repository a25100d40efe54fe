"""Providers, routes and traits to plan with."""

from __future__ import annotations

from collections.abc import Mapping

from zeke_bridge.config.catalog import Tiers
from zeke_bridge.config.ghostllm.schema import Routes
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers
from zeke_bridge.core.routing.plan import Ask, Plan, Wanted, plan
from zeke_bridge.core.routing.traits import Traits

LOCAL = Offer("local", local=True, models=("coder-0.5b",), complete=True)
NO_LOCAL = Offer(
    "local",
    local=True,
    obstacle="not installed",
    remedy="run `zeke model install`",
    models=(),
    complete=True,
)
OPENAI = Offer(
    "openai",
    models=("text-embedding-3", "gpt-big", "gpt-mini"),
    usual=("gpt-mini",),
    tiers=Tiers(smart=("gpt-big",), embed=("text-embedding-3",)),
)
NO_KEY = Offer(
    "openai", obstacle="no key", remedy="set it with `:ZekeAuth`", tiers=Tiers(fast=("gpt-mini",))
)
CLAUDE = Offer("anthropic", models=("sonnet", "opus"), tiers=Tiers((), ("sonnet",), ("opus",)))
OFFICE = Offer("office", models=("qwen:7b", "gpt-big"), complete=True)
OLLAMA = Offer("ollama", local=True, models=("deepseek-coder:6.7b", "llama3:8b"), complete=True)
UNASKED = Offer("groq")
ROUTES = Routes()


def nothing_known(_provider: str, _model: str) -> Traits:
    return Traits()


def planned(
    wanted: Wanted,
    *offers: Offer,
    routes: Routes = ROUTES,
    known: Mapping[str, Traits] | None = None,
    absent: Mapping[str, str] | None = None,
) -> Plan | Ask:
    table = known or {}
    there = Offers.of(offers)
    return plan(wanted, there, routes, lambda p, m: table.get(f"{p}:{m}", Traits()), absent or {})


def settled(wanted: Wanted, *offers: Offer, **rest: object) -> Plan:
    found = planned(wanted, *offers, **rest)  # type: ignore[arg-type]
    assert isinstance(found, Plan)
    return found


def ids(wanted: Wanted, *offers: Offer, **rest: object) -> list[str]:
    return [candidate.id for candidate in settled(wanted, *offers, **rest).candidates]
