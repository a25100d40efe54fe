"""The errors for a question that no model can be asked, each with what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zeke_bridge.core.routing.hindrance import Hindrance
from zeke_bridge.core.routing.offer import NO_KEY, Offer
from zeke_bridge.core.routing.wanted import Wanted
from zeke_bridge.model.errors import (
    AuthError,
    ContextError,
    CoreError,
    CostLimitError,
    NoModelError,
    RateLimitError,
    UnableError,
    UnknownModelError,
)
from zeke_bridge.model.likeness import likest

_NEAREST = 3
# Nobody knows when what runs will end.
_SOON = 1.0
_SHOWN = 80
_ELSE = "choose another model with `:ZekeSetModel`"


def unknown(model: str, offers: Sequence[Offer], failed: Collection[str] = ()) -> UnknownModelError:
    """The error for a model that is not there, with the nearest names that are.

    ``failed`` are those that were asked: whatever their providers list, they are not there.
    """
    ready = [name for offer in offers if not offer.obstacle for name in offer.ids()]
    ids = [name for name in ready if name not in failed]
    # Compared without the provider too, because most people leave it out.
    plain = {name.partition(":")[2]: name for name in ids}
    said = model[:_SHOWN]
    near = likest(said, ids, _NEAREST)
    near += [plain[name] for name in likest(said, plain, _NEAREST)]
    names = list(dict.fromkeys(near))[:_NEAREST]
    hint = f" (nearest: {', '.join(names)})" if names else ""
    if model in failed and model in ready:
        who = model.partition(":")[0]
        sentence = f"{who} lists {said} but does not serve it"
        return UnknownModelError(f"{sentence}{hint}: choose another with `:ZekeSetModel`.")
    return UnknownModelError(f"There is no model {said}{hint}: choose one with `:ZekeSetModel`.")


def ambiguous(model: str, offers: Sequence[Offer]) -> UnknownModelError:
    """The error for a bare name that several providers have."""
    names = " or ".join(f"{offer.provider}:{offer.spelled(model)}" for offer in offers)
    return UnknownModelError(f"Several providers have {model[:_SHOWN]}: say {names}.")


def absent(provider: str, remedy: str) -> NoModelError:
    """The error for a provider that is known and not set up."""
    return NoModelError(f"{provider} is not set up: {remedy}.")


def silent(model: str, offers: Sequence[Offer]) -> NoModelError:
    """The error for a model that only a provider could have that is left alone now."""
    resting = ", ".join(f"{offer.provider} ({offer.health})" for offer in offers)
    return NoModelError(
        f"No provider that can be asked now has {model[:_SHOWN]}; not asked: {resting}. "
        f"Try again in a while, or {_ELSE}."
    )


def hindered(wanted: Wanted, offer: Offer, model: str, hindrance: Hindrance) -> CoreError:
    """The error for a model that was named and may not be asked."""
    who, why = f"{offer.provider}:{model}" if model else offer.provider, hindrance.why
    match hindrance.kind:
        case "far":
            return NoModelError(
                f"This project allows only models on this machine, and {offer.provider} is not: "
                "choose a local one with `:ZekeSetModel`."
            )
        case "key":
            return AuthError(_obstructed(offer))
        case "obstacle":
            return NoModelError(_obstructed(offer))
        case "health":
            ill = offer.provider if offer.health else who
            return NoModelError(f"{ill} is {why}: try again then, or {_ELSE}.")
        case "context":
            return ContextError(f"The text is too long: {who} {why}. Send less, or {_ELSE}.")
        case "ability":
            return UnableError(f"{who} {why}: {_ELSE}.")
        case "cost":
            return over_limit(wanted)
    return unknown(who, [offer])


def over_limit(wanted: Wanted) -> CoreError:
    """The error for a question that only models that cost could answer."""
    said = wanted.blocked.rstrip(". ")
    if wanted.soon:
        return RateLimitError(f"{said}, or ask a model that costs nothing.", _SOON)
    return CostLimitError(
        f"{said}. A model on this machine costs nothing: ask `local`, or get one with "
        "`zeke model install`."
    )


def nobody(
    wanted: Wanted, offers: Sequence[Offer], looked_at: Sequence[tuple[str, Hindrance]]
) -> CoreError:
    """The error for ``auto`` when every candidate was passed over.

    What would help soonest counts: a provider that rests, then money, then a shorter question.
    """
    by_kind: dict[str, list[str]] = {}
    for name, hindrance in looked_at:
        by_kind.setdefault(hindrance.kind, []).append(f"{name} {hindrance.why}")
    if resting := by_kind.get("health"):
        return NoModelError(
            f"There is no model that could answer now ({'; '.join(resting)}): try again in a while."
        )
    if "cost" in by_kind:
        return over_limit(wanted)
    if small := by_kind.get("context"):
        return ContextError(
            f"The text is too long for every model that is ready ({'; '.join(small)}): send less, "
            "or set up a model that reads more."
        )
    if unable := by_kind.get("ability"):
        return UnableError(
            f"No model that is ready can do this ({'; '.join(unable)}): set up another provider "
            "with `:ZekeAuth`."
        )
    return nothing(offers, wanted.local_only)


def nothing(offers: Sequence[Offer], local_only: bool) -> NoModelError:
    """The error for a core where nothing is ready at all."""
    if local_only:
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


def _obstructed(offer: Offer) -> str:
    remedy = f": {offer.remedy}" if offer.remedy else ""
    return f"{offer.provider} cannot be asked ({offer.obstacle}){remedy}."
