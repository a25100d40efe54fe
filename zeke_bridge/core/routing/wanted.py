"""What a question wants of the router, and what the router may have to ask first."""

from __future__ import annotations

from dataclasses import dataclass, field

from zeke_bridge.core.routing.need import Need

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model's name, the task, what the model must be able to do, and what it may not be.

    ``local_only`` keeps the text on this machine. ``blocked`` is the sentence that says why nothing
    that costs may be asked, empty when it may; ``soon`` says that it may be over in a moment.
    ``lot`` is a random number from 0 up to 1 that decides among the models of a weighted group.
    """

    model: str = AUTO
    task: str = "chat"
    local_only: bool = False
    need: Need = field(default_factory=Need)
    blocked: str = ""
    soon: bool = False
    lot: float = 0.0


@dataclass(frozen=True, slots=True)
class Ask:
    """No answer yet: get the models of these providers, then plan again."""

    providers: tuple[str, ...]
