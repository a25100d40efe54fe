"""What a server wants to know of the person (``elicitation/create``) and of us.

A form is put only when all of it can be shown: names and values of it are answers, so they are not
escaped, and one with something unseen in them is declined. Nobody there to ask is declined too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.client.session import ClientRequestContext
from pydantic import FileUrl, ValidationError

from zeke_bridge.agents.agent import Question, Reply
from zeke_bridge.agents.form import readable
from zeke_bridge.agents.mcp.definition import labelled
from zeke_bridge.warden.escape import escape

Ask = Callable[[Question], Awaitable[Reply]]
_MOST_FIELDS = 50
_MOST_WAITING = 4
_WORDS = frozenset({"title", "description", "$comment"})


class Questions:
    """Those of the server ``name``; ``ask`` puts one to the person."""

    def __init__(self, name: str, root: str, ask: Ask | None) -> None:
        self._name = name
        self._root = root
        self._ask = ask
        self._waiting = 0

    async def elicited(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        """The person's answer, as the server gets it."""
        del context
        question = self._question(params)
        if question is None or self._ask is None or self._waiting >= _MOST_WAITING:
            return types.ElicitResult(action="decline")
        self._waiting += 1
        try:
            reply = await self._ask(question)
        finally:
            self._waiting -= 1
        if reply.action != "accept" or question.mode == "url":
            return types.ElicitResult(action=reply.action)
        try:
            return types.ElicitResult(action="accept", content=dict(reply.content))
        except ValidationError:
            return types.ElicitResult(action="cancel")

    async def roots(self, context: ClientRequestContext) -> types.ListRootsResult | types.ErrorData:
        """The project, and nothing else."""
        del context
        uri = FileUrl(Path(self._root).as_uri())
        return types.ListRootsResult(roots=[types.Root(uri=uri, name=Path(self._root).name)])

    def _question(self, wanted: types.ElicitRequestParams) -> Question | None:
        """None for what cannot be shown, or whose answer could not be checked."""
        message = f"{self._name} (MCP server): {wanted.message}"
        if isinstance(wanted, types.ElicitRequestURLParams):
            if not wanted.url.startswith(("https://", "http://")):
                return None
            return Question(message, "url", url=wanted.url)
        schema = wanted.requested_schema
        fields = schema.get("properties")
        if not isinstance(fields, Mapping) or len(fields) > _MOST_FIELDS or not _is_plain(schema):
            return None
        if not readable(schema):
            return None
        return Question(message, "form", labelled(schema))


def _is_plain(value: Any) -> bool:
    """Whether all that would be sent back can be shown as it is."""
    match value:
        case str():
            return escape(value) == value
        case Mapping():
            # A field may be called ``title``: then its value is a schema and no text.
            return all(
                _is_plain(name)
                and ((isinstance(inner, str) and name in _WORDS) or _is_plain(inner))
                for name, inner in value.items()
            )
        case list():
            return all(map(_is_plain, value))
        case _:
            return True
