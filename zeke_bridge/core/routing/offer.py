"""What a provider can offer at one moment, as the router sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from zeke_bridge.config.catalog import Tiers

NO_KEY = "no key"
"""The obstacle of a provider whose key is not there."""

EMBED = "embed"
# Models that a list of models names and that do not chat.
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|transcri|translate|realtime|audio|voice|rerank"
    r"|guard|sora|veo-|lyria|banana|babbage|davinci|ocr|-live|orpheus|robotics|computer-use"
    r"|deep-research|turbo-instruct|bge-|minilm|clip|stable-diffusion|flux",
    re.IGNORECASE,
)
_EMBEDS = re.compile(r"embed|bge-|minilm|(?:^|[/-])(?:e5|gte)-", re.IGNORECASE)
# The tiers, each as the end of "suits", in the order in which one stands in for another.
_SUITS = {
    "balanced": "everyday work",
    "smart": "hard questions",
    "code": "writing code",
    "fast": "quick answers",
    EMBED: "embeddings",
}
_DATE = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Offer:
    """``obstacle`` is why the provider cannot be asked now (empty: it can), ``remedy`` what helps.

    ``health`` is why it is better left alone for a while (``resting for 12 s``), ``resting`` the
    same of single models. ``models`` is None when nobody has asked for them yet; ``complete`` says
    that nothing beside them exists. ``preferred`` is the user's choice, ``tiers`` are good ones by
    the work they suit, ``usual`` good ones for anything.
    """

    provider: str
    local: bool = False
    obstacle: str = ""
    remedy: str = ""
    models: tuple[str, ...] | None = None
    complete: bool = False
    preferred: str = ""
    usual: tuple[str, ...] = ()
    health: str = ""
    resting: Mapping[str, str] = field(default_factory=dict, hash=False)
    tiers: Tiers = field(default_factory=Tiers)

    def hindrance(self, local_only: bool) -> str:
        """Why not this one, in a few words; empty when nothing speaks against it."""
        if local_only and not self.local:
            return "not local"
        return self.obstacle

    def spelled(self, model: str) -> str | None:
        """``model`` as it is called here; None when it is not among the known models."""
        return _spelled(self.models or (), model)

    def refuses(self, model: str) -> bool:
        """Whether ``model`` certainly does not exist here."""
        return self.complete and self.spelled(model) is None

    def choices(self, tier: str) -> Iterator[tuple[str, str]]:
        """Models for ``tier``, best first, each with why, as a predicate of it.

        Of a provider whose models are not known, those it most likely has.
        """
        liked = self.preferred
        fits = tier != EMBED or _EMBEDS.search(liked)
        if liked and fits and not self.refuses(liked):
            yield self.spelled(liked) or liked, "is the one you prefer"
        yield from self._having(self.tiers.of(tier), f"suits {_SUITS[tier]}")
        if tier == EMBED:
            yield from ((model, "embeds") for model in self.models or () if _EMBEDS.search(model))
            return
        known = False
        for choice in self._having(self.usual, "is good for anything"):
            known = True
            yield choice
        for other in (name for name in _SUITS if name not in {tier, EMBED}):
            for choice in self._having(self.tiers.of(other), f"suits {_SUITS[other]}"):
                known = True
                yield choice
        # Lists are long and unsorted: what comes first in them counts only when nothing is known.
        chatting = (model for model in self.models or () if not _NO_CHAT.search(model))
        if not known and (first := next(chatting, None)):
            yield first, "is the first in the list that chats"

    def _having(self, models: tuple[str, ...], why: str) -> Iterator[tuple[str, str]]:
        """Those of ``models`` that are here, or may be."""
        for model in models:
            if found := model if self.models is None else self.spelled(model):
                yield found, why

    def ids(self) -> list[str]:
        """The full names of the known models."""
        return [f"{self.provider}:{model}" for model in self.models or ()]


@lru_cache(maxsize=4096)
def _spelled(models: tuple[str, ...], model: str) -> str | None:
    """A model by its own name, its tag ``latest``, any tag of it, or its newest dated snapshot.

    Servers of local models list ``qwen3:8b`` where people say ``qwen3``; others list
    ``gpt-4o-2024-08-06`` where ``gpt-4o`` works too.
    """
    if not model or model in models:
        return model or None
    if f"{model}:latest" in models:
        return f"{model}:latest"
    longer = [one for one in models if one.startswith(model)]
    tagged = [one for one in longer if one[len(model)] == ":"]
    dated = [one for one in longer if _DATE.fullmatch(one, len(model))]
    return tagged[0] if tagged else max(dated, default=None)
