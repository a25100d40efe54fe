"""What the core is asked to do, and where it is about to be done: values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zeke_bridge.core.access.clients import ANYONE, Client
from zeke_bridge.model.exchange import Audience

Kind = Literal["chat", "fill", "embed"]


@dataclass(frozen=True, slots=True)
class Aim:
    """The model that is about to be asked.

    ``small`` says that it follows only short and plain prompts, ``fills`` that it can fill in the
    middle, ``toolless`` that it calls no tools.
    """

    provider: str
    model: str
    small: bool = False
    fills: bool = False
    toolless: bool = False

    @property
    def id(self) -> str:
        """``provider:model``."""
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True, slots=True)
class Order:
    """One question on its way to a model.

    ``asked`` holds the fields of the request, all but ``model``: routing looks at what they need,
    and equal ones are answered once. ``body`` gives the fields for one model, ``asked`` itself when
    it is None; a fallback may call it again for another. With kind ``fill`` and a model that
    ``fills``, they have ``prompt`` and ``suffix``; else they are those of a chat.

    ``lookup`` lets a kept answer be given, one not older than ``max_age`` seconds; ``keep`` lets
    this one be kept. ``whole`` says that nobody listens before the end.
    """

    audience: Audience
    task: str
    asked: Mapping[str, Any]
    body: Callable[[Aim], Mapping[str, Any]] | None = None
    kind: Kind = "chat"
    client: Client = ANYONE
    lookup: bool = True
    keep: bool = True
    whole: bool = False
    max_age: float | None = None

    def fields(self, aim: Aim) -> dict[str, Any]:
        """The request for ``aim``, with its model's name."""
        chosen = self.asked if self.body is None else self.body(aim)
        return {**chosen, "model": aim.model}
