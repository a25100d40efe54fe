"""What all agents are to the broker: a session that is prompted, tells what it does, and ends.

The words are ACP's: session updates, stop reasons, modes, config options. Does not know what
stands behind a session: the built-in assistant or a program that speaks ACP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from zeke_bridge.agents.child import Start
from zeke_bridge.agents.effects import Effects, Say
from zeke_bridge.model.exchange import Message, Receipt

StopReason = Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: its MIME type, and its bytes in base64."""

    mime: str
    data: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person says: ``text`` with what it mentions already in it, and pictures.

    ``before`` is what the person's chat says of earlier turns, oldest first: for an agent that
    does not keep them itself.
    """

    text: str
    images: tuple[Image, ...] = ()
    before: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a turn ended; ``receipt`` sums up what it cost where that is known."""

    reason: StopReason
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a session offers.

    ``modes`` and ``config`` are ACP's ``modes`` (``SessionModeState``) and ``configOptions`` as
    they came, ``commands`` its ``availableCommands``. ``id`` is the agent's own session id.
    """

    id: str
    title: str = ""
    image: bool = False
    resumed: bool = False
    modes: Mapping[str, Any] = field(default_factory=dict)
    config: Sequence[Mapping[str, Any]] = ()
    commands: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A session that an agent remembers (``session/list``)."""

    id: str
    title: str
    updated: str
    cwd: str


@dataclass(frozen=True, slots=True)
class Question:
    """An elicitation: ``form`` with a JSON schema of what is asked, or ``url`` to be opened."""

    message: str
    mode: Literal["form", "url"]
    schema: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says to a question: ``content`` fits its schema when it is accepted."""

    action: Literal["accept", "decline", "cancel"]
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that an agent's session is given by the broker.

    ``say`` takes its session updates, in order, at any time. ``ask`` puts an elicitation to the
    person. ``start`` starts the agent's own program. ``closed`` is told once, with a sentence, when
    the agent ends by itself.
    """

    root: str
    cwd: str
    effects: Effects
    say: Say
    ask: Callable[[Question], Awaitable[Reply]]
    start: Start
    closed: Callable[[str], None]


class Agent(Protocol):
    """One open session with one agent. All methods raise ``ZekeError``."""

    opened: Opened

    async def prompt(self, prompt: Prompt) -> Stop:
        """One turn. Cancelled, the agent is told, and what it says later is dropped."""
        ...

    async def set_mode(self, mode: str) -> None:
        """Switch to one of its modes."""
        ...

    async def set_config(self, option: str, value: str | bool) -> Sequence[Mapping[str, Any]]:
        """Set one of its options; returns all of them as they are now."""
        ...

    async def known(self) -> Sequence[Known]:
        """The sessions of this directory that it could resume."""
        ...

    async def aclose(self) -> None:
        """End it, and the programs it has started."""
        ...
