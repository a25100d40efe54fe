"""llama.cpp's words on how far it has read the prompt: asked for, and taken out again.

It notices that its client has left only when it writes, so it is made to write while it reads
(``return_progress``,
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md#post-completion-given-a-prompt-it-returns-the-predicted-completion).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.core.providers.base import Body, Chunk


def wanted(body: Mapping[str, Any]) -> Body:
    """``body`` for an answer with those words."""
    return {**body, "return_progress": True}


def without(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks of the answer itself."""
    return [one for one in chunks if "prompt_progress" not in one.body]
