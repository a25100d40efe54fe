"""What is known of a model beside its name, and what that rules out.

Knows no provider's state and no user's wishes. Nothing known is nothing ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from zeke_bridge.config.catalog import lacks
from zeke_bridge.core.routing.need import Need

# A prompt named for one model is refused only when it is too long beyond all doubt: no text has
# half as many tokens as ``Need`` guesses.
SURE = 2


@dataclass(frozen=True, slots=True)
class Traits:
    """``context`` in tokens, prices in US dollars a million tokens. None: not known.

    ``small`` says that the model follows only short and plain prompts.
    """

    context: int | None = None
    tools: bool | None = None
    json: bool | None = None
    images: bool | None = None
    input_price: float | None = None
    output_price: float | None = None
    small: bool | None = None

    @property
    def free(self) -> bool:
        """Whether it certainly costs nothing."""
        return self.input_price == self.output_price == 0

    @property
    def price(self) -> float | None:
        """One figure to compare by: what a million tokens in and a million out cost."""
        if self.input_price is None or self.output_price is None:
            return None
        return self.input_price + self.output_price

    def under(self, nearer: Traits) -> Traits:
        """These traits, but where ``nearer``, which knows better, says something."""
        if nearer is NOTHING:
            return self
        said = {name: value for name in _NAMES if (value := getattr(nearer, name)) is not None}
        return replace(self, **said) if said else self

    def too_small(self, need: Need, slack: int = 1) -> bool:
        """Whether ``need`` does not fit, even were it shorter by the factor ``slack``."""
        return bool(self.context) and need.room > (self.context or 0) * slack

    def missing(self, need: Need, provider: str, model: str) -> str:
        """Which ability ``need`` wants and ``model`` does not have, in words; empty for none.

        What these traits leave open, the built-in catalog may know.
        """
        if not (need.images or need.tools or need.json):
            return ""
        lacking = lacks(provider, model)
        for wanted, known, name, words in (
            (need.images, self.images, "images", "does not see images"),
            (need.tools, self.tools, "tools", "does not call tools"),
            (need.json, self.json, "json", "does not keep to a JSON schema"),
        ):
            if wanted and (known is False or (known is None and name in lacking)):
                return words
        return ""


NOTHING = Traits()
"""What is known of a model that nobody has heard of."""

_NAMES = tuple(field.name for field in fields(Traits))
