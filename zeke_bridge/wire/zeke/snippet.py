"""A piece of one file as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from zeke_bridge.model.exchange import Snippet
from zeke_bridge.wire.zeke.body import WHOLE, Request

MAX_CODE = 1_000_000
MAX_PATH = 4096
MAX_LANGUAGE = 64


class SnippetFields(Request):
    """A piece of one file."""

    code: str = Field(max_length=MAX_CODE)
    path: str = Field(default="", max_length=MAX_PATH)
    language: str = Field(default="", max_length=MAX_LANGUAGE)
    start_line: Annotated[int, Field(ge=1), WHOLE] = 1

    def snippet(self) -> Snippet:
        """The same as a value."""
        return Snippet(self.code, self.path, self.language, self.start_line)


def snippet_fields(snippet: Snippet) -> dict[str, Any]:
    """The JSON of ``snippet``."""
    return {
        "code": snippet.code,
        "path": snippet.path,
        "language": snippet.language,
        "start_line": snippet.start_line,
    }
