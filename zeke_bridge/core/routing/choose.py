"""Choosing a model: from what is offered, or by name. Pure; asks for lists it lacks by ``Ask``.

A name is ``auto``, ``provider:model`` (cut at the first colon when what stands before it is a
provider, because model ids hold colons too) or a bare model id that exactly one provider has.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.model.errors import AuthError, CoreError, NoModelError, UnknownModelError
from zeke_bridge.model.exchange import Route, Tried

AUTO = "auto"
NO_KEY = "no key"
CHOSEN = "chosen"
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a name, the task class, and whether the text must stay here."""

    model: str = AUTO
    task: str = "chat"
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer."""

    provider: str
    model: str
    route: Route


@dataclass(frozen=True, slots=True)
class Ask:
    """No answer yet: get the models of these providers, then choose again."""

    providers: tuple[str, ...]


def choose(
    wanted: Wanted, offers: Sequence[Offer], absent: Mapping[str, str] | None = None
) -> Choice | Ask:
    """Choose among ``offers`` (best first); ``absent`` maps a known provider to its remedy.

    Raises ``NoModelError`` when nothing could answer, ``UnknownModelError`` naming the nearest
    models, ``AuthError`` when a provider named by the user has no key.
    """
    if wanted.model == AUTO:
        return _automatic(wanted, offers)
    prefix, colon, rest = wanted.model.partition(":")
    if colon and rest:
        for offer in offers:
            if offer.provider == prefix:
                return _named(wanted, offer, rest, offers)
        if remedy := (absent or {}).get(prefix):
            raise NoModelError(f"{prefix} is not set up: {remedy}.")
    return _bare(wanted, offers)


def unknown(model: str, offers: Sequence[Offer]) -> UnknownModelError:
    """The error for a model that is not there, with the nearest names that are."""
    ids = [name for offer in offers if not offer.obstacle for name in offer.ids()]
    # Compared without the provider too, because most people leave it out.
    plain = {name.partition(":")[2]: name for name in ids}
    near = difflib.get_close_matches(model, ids, n=_NEAREST, cutoff=0.3)
    near += [plain[name] for name in difflib.get_close_matches(model, plain, n=_NEAREST)]
    names = list(dict.fromkeys(near))[:_NEAREST] or ids[:_NEAREST]
    hint = f" (nearest: {', '.join(names)})" if names else ""
    return UnknownModelError(
        f"There is no model {model[:80]}{hint}: choose one with `:ZekeSetModel`."
    )


def _automatic(wanted: Wanted, offers: Sequence[Offer]) -> Choice | Ask:
    tried: list[Tried] = []
    for offer in offers:
        hindrance = offer.hindrance(wanted.local_only)
        if not hindrance and offer.best() is None:
            if offer.models is None:
                return Ask((offer.provider,))
            hindrance = "no models"
        if hindrance:
            tried.append(Tried(offer.provider, hindrance))
            continue
        return _chosen(wanted, offer, str(offer.best()), tried, _why_first(offer, tried))
    raise _nothing(wanted, offers)


def _named(wanted: Wanted, offer: Offer, model: str, offers: Sequence[Offer]) -> Choice:
    if hindrance := offer.hindrance(wanted.local_only):
        raise _hindered(wanted, offer, hindrance)
    if offer.refuses(model):
        raise unknown(wanted.model, offers)
    return _chosen(wanted, offer, model, [], "It was asked for by name.")


def _bare(wanted: Wanted, offers: Sequence[Offer]) -> Choice | Ask:
    usable = [offer for offer in offers if not offer.hindrance(wanted.local_only)]
    if not usable:
        raise _nothing(wanted, offers)
    if unasked := tuple(offer.provider for offer in usable if offer.models is None):
        return Ask(unasked)
    having = [offer for offer in usable if wanted.model in (offer.models or ())]
    if not having:
        raise unknown(wanted.model, usable)
    if len(having) > 1:
        names = " or ".join(f"{offer.provider}:{wanted.model}" for offer in having)
        raise UnknownModelError(f"Several providers have {wanted.model}: say {names}.")
    reason = f"Only {having[0].provider} has a model of this name."
    return _chosen(wanted, having[0], wanted.model, [], reason)


def _chosen(wanted: Wanted, offer: Offer, model: str, tried: list[Tried], reason: str) -> Choice:
    looked_at = (*tried, Tried(f"{offer.provider}:{model}", CHOSEN))
    return Choice(offer.provider, model, Route(wanted.task, reason, looked_at))


def _why_first(offer: Offer, tried: list[Tried]) -> str:
    if not tried:
        return f"{offer.provider} comes first in the order of providers, and it is ready."
    passed = ", ".join(f"{row.candidate} ({row.outcome})" for row in tried)
    return f"{offer.provider} is the first that is ready; passed over: {passed}."


def _hindered(wanted: Wanted, offer: Offer, hindrance: str) -> CoreError:
    if wanted.local_only and not offer.local:
        return NoModelError(
            f"This project allows only models on this machine, and {offer.provider} is not: "
            "choose a local one with `:ZekeSetModel`."
        )
    kind = AuthError if hindrance == NO_KEY else NoModelError
    return kind(f"{offer.provider} cannot be asked ({hindrance}): {offer.remedy}.")


def _nothing(wanted: Wanted, offers: Sequence[Offer]) -> NoModelError:
    if wanted.local_only:
        return NoModelError(
            "This project allows only models on this machine, and there is none: "
            "run `zeke model install`."
        )
    odd = [offer for offer in offers if offer.obstacle not in {"", NO_KEY} and not offer.local]
    also = "".join(f" ({offer.provider}: {offer.obstacle})" for offer in odd)
    return NoModelError(
        f"There is no model that could answer{also}: run `zeke model install` for a local one, "
        "or set a provider's key with `:ZekeAuth`."
    )
