"""What a tool of the assistant is: its words for the model, its look for the person, its function.

Does not know which tools there are, nor how several of one answer are put in order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from zeke_bridge.agents.effects import Effects, FileText
from zeke_bridge.agents.loop.limits import Spent
from zeke_bridge.agents.refusal import Refusal
from zeke_bridge.model.exchange import Receipt

Arguments = Mapping[str, Any]
Kind = Literal["read", "edit", "search", "execute", "think", "other"]
Tell = Callable[[Mapping[str, Any]], None]
"""Takes fields of a ``tool_call_update`` of the call at work."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A whole new text, and what it took to get it."""

    text: str
    receipt: Receipt


Rewrite = Callable[[str, str, str], Awaitable[Rewritten]]
"""(path, text, instruction) to the text rewritten as the instruction says. Raises ``ZekeError``."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What tools work with: ``most`` is how many characters of a result the model is given.

    ``say`` takes ACP's session updates.
    """

    effects: Effects
    root: str
    say: Callable[[Mapping[str, Any]], None]
    spent: Spent
    rewrite: Rewrite | None = None
    most: int = 24_000


@dataclass(frozen=True, slots=True)
class Look:
    """How a call is shown: an escaped title, and the places that it is about."""

    title: str
    places: Sequence[tuple[str, int | None]] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: ``text`` for the model, ``fields`` of its last ``tool_call_update``.

    ``refusal``: it did not break, somebody did not want it.
    """

    text: str
    failed: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that a call wants written; ``old`` is what it holds, None for a new one."""

    file: FileText
    old: str | None


class Drafts:
    """The files that one answer wants written: what a later call builds on."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.files: dict[str, FileText] = {}

    async def text(self, path: str) -> str:
        """The text of a file as the calls before will leave it. Raises ``ZekeError``."""
        drafted = self.files.get(path)
        return drafted.text if drafted is not None else await self.bench.effects.read(path)


MakeDraft = Callable[[Arguments, Drafts], Awaitable[Draft]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. ``parameters`` is the JSON schema of its arguments, which ``look`` and all get.

    It has one of three functions: ``read`` may run beside others, ``draft`` wants a file written,
    ``act`` runs alone. They raise ``ZekeError``. Whether arguments fit is left to who made the
    schema when it is ``foreign``.
    """

    name: str
    description: str
    kind: Kind
    parameters: dict[str, Any]
    look: Callable[[Arguments, Bench], Look]
    read: Callable[[Arguments, Bench], Awaitable[Outcome]] | None = None
    draft: MakeDraft | None = None
    act: Callable[[Arguments, Bench, Tell], Awaitable[Outcome]] | None = None
    foreign: bool = False


def schema(required: Sequence[str] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def text(description: str, **more: Any) -> dict[str, Any]:
    """The JSON schema of a text."""
    return {"type": "string", "description": description, **more}
