"""What a model is asked, as the fields of a chat request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Turns = tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """``messages`` and ``response_format`` go to every model.

    ``small`` holds sampling options for a small local model (others may refuse them), and
    what is asked of it in another form.
    """

    messages: Turns
    small: dict[str, Any]
    response_format: dict[str, Any] | None = None

    def body(self, *, small: bool) -> dict[str, Any]:
        """The fields of a chat request, all but ``model``."""
        body: dict[str, Any] = {"messages": list(self.messages)}
        if self.response_format is not None:
            body["response_format"] = self.response_format
        return body | (self.small if small else {})


def turns(system: str, user: str) -> Turns:
    """One question, and how it is to be answered."""
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object that has exactly these, in this order."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
