"""What a provider can offer at one moment, as the router sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Models that a list of models names and that do not chat.
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|transcri|realtime|audio|rerank|guard|sora"
    r"|babbage|davinci|ocr",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """``obstacle`` is why the provider cannot be asked now (empty: it can), ``remedy`` what helps.

    ``models`` is None when nobody has asked for them yet; ``complete`` says that nothing beside
    them exists. ``preferred`` is the user's choice, ``usual`` are good ones to look for.
    """

    provider: str
    local: bool = False
    obstacle: str = ""
    remedy: str = ""
    models: tuple[str, ...] | None = None
    complete: bool = False
    preferred: str = ""
    usual: tuple[str, ...] = ()

    def hindrance(self, local_only: bool) -> str:
        """Why not this one, in a few words; empty when nothing speaks against it."""
        if local_only and not self.local:
            return "not local"
        return self.obstacle

    def best(self) -> str | None:
        """The model to take when none is named; None when there is none (or none is known)."""
        models = self.models or ()
        if self.preferred and (not self.complete or self.preferred in models):
            return self.preferred
        for name in self.usual:
            if name in models:
                return name
        return next((name for name in models if not _NO_CHAT.search(name)), None)

    def refuses(self, model: str) -> bool:
        """Whether ``model`` certainly does not exist here."""
        return self.complete and model not in (self.models or ())

    def ids(self) -> list[str]:
        """The full names of the known models."""
        return [f"{self.provider}:{model}" for model in self.models or ()]
