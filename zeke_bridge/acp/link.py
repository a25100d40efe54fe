"""One connection to the broker with one agent open on it; both end together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from zeke_bridge.bridge.peer import Hear, Peer
from zeke_bridge.model.errors import ConsentError

# A question whether it may be started, its first start, and its own greeting.
OPEN_S = 300.0
_CALL_S = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which agent stands behind: ``agent`` by name, or the ``command`` of one nobody knows.

    ``asks_here``: its questions go to the client, else to a Neovim of the project.
    """

    agent: str
    command: tuple[str, ...] = ()
    asks_here: bool = True

    @property
    def builtin(self) -> bool:
        """Zeke's own assistant, which remembers no sessions."""
        return self.agent == "zeke" and not self.command


class Reach(Protocol):
    """How a broker is reached, see ``bridge.reach``."""

    def __call__(
        self, hello: Mapping[str, Any], hear: Hear, lost: Callable[[], None]
    ) -> Awaitable[Peer]:
        """A connection that has said ``hello``."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """``session`` names the session to the broker; ``offers`` is what ``agent.open`` gave."""

    peer: Peer
    session: str
    cwd: str
    offers: Mapping[str, Any]

    async def call(self, method: str, **params: Any) -> Mapping[str, Any]:
        """The data of an ``agent.*`` method about this session. Raises ``ZekeError``."""
        answer = await self.peer.call(
            method, {"session": self.session, "cwd": self.cwd, **params}, _CALL_S
        )
        data = answer.get("data") if isinstance(answer, Mapping) else None
        return data if isinstance(data, Mapping) else {}

    def tell(self, method: str, **params: Any) -> None:
        """Notify the broker."""
        self.peer.tell(method, params)

    def close(self) -> None:
        """Hang up; the broker ends the agent and withdraws what it asked."""
        self.peer.close()


async def linked(
    reach: Reach,
    wanted: Wanted,
    cwd: str,
    resume: str,
    *,
    came: Callable[[Peer], None],
    hear: Hear,
    lost: Callable[[], None],
) -> Link:
    """Connect, and open the agent in ``cwd``, or its session ``resume``.

    ``came`` is told of the connection before the agent is opened, because questions come meanwhile.
    Raises ``ZekeError``; cancelled, nothing is left behind.
    """
    hello = {"cwd": cwd, "settings": {}, "ui": wanted.asks_here, "reviews": False}
    peer = await reach(hello, hear, lost)
    came(peer)
    try:
        params = {"agent": wanted.agent, "command": list(wanted.command), "cwd": cwd}
        answer = await peer.call("agent.open", {**params, "resume": resume}, OPEN_S)
    except BaseException as error:
        peer.close()
        if isinstance(error, ConsentError):
            raise type(error)(f"The agent was not started. {error.message}") from error
        raise
    offers = answer["data"]
    return Link(peer, str(offers["session"]), cwd, offers)
