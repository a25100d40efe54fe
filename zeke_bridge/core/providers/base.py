"""What the core needs of whoever has a model, and of whoever runs the local one.

Bodies are those of OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat).
Does not know how a provider is chosen nor which task a request comes from.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.traits import Traits

Body = dict[str, Any]


class Chunk(NamedTuple):
    """One event of a streamed answer: ``text`` as it came, and ``body``, the same parsed."""

    text: str
    body: Body


class Provider(Protocol):
    """One place that has models. Every async method raises a ``CoreError``."""

    @property
    def name(self) -> str:
        """The part of a model's name before the first colon."""
        ...

    def offer(self) -> Offer:
        """What there is now, or why it cannot be asked. Makes no call."""
        ...

    def state(self) -> str:
        """``healthy``, or in two or three words what is wrong. Makes no call."""
        ...

    async def models(self) -> tuple[str, ...]:
        """The models it has, asking for them when they are not known."""
        ...

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer to ``body`` (which has no ``stream``)."""
        ...

    def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer, without the closing ``[DONE]``; at least one each time.

        Those that came together are given together, which keeps a fast answer cheap. Closing the
        generator closes the connection, which cancels the work over there.
        """
        ...

    def fills(self, model: str) -> bool:
        """Whether ``model`` can fill in the middle here. Makes no call."""
        ...

    def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix`` of ``body``, as ``stream`` gives it.

        ``body`` has the fields of OpenAI's legacy completions
        (https://platform.openai.com/docs/api-reference/completions); the chunks are those of chat
        completions. Only for models that ``fills`` says yes to.
        """
        ...

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """One whole answer of OpenAI's embeddings to ``body``.

        https://platform.openai.com/docs/api-reference/embeddings. Raises ``InputError`` when this
        provider has none.
        """
        ...

    async def probe(self) -> None:
        """Make the cheapest call there is; raises what it shows to be wrong."""
        ...

    async def aclose(self) -> None:
        """Free the connections."""
        ...


@runtime_checkable
class Describing(Protocol):
    """A provider whose server says what its models can do."""

    def traits(self, model: str) -> Traits:
        """What was said of ``model`` when the models were listed. Makes no call."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running local model listens, and the key it wants."""

    socket_path: str
    api_key: str


class LocalServer(Protocol):
    """The child process that runs a local model: started when asked for, ended when idle."""

    def installed(self) -> list[str]:
        """The names of the models on this disk."""
        ...

    async def ensure(self, model: str) -> Endpoint:
        """The endpoint of a process that has loaded ``model``, starting one when there is none.

        Raises a ``CoreError`` when it does not start.
        """
        ...

    def in_use(self) -> AbstractContextManager[None]:
        """While entered, an answer is running and the process must not be unloaded."""
        ...

    def touch(self) -> None:
        """Put off idle unloading."""
        ...

    async def stop(self) -> None:
        """End the process."""
        ...
