"""What may answer at ``ghostllm.base_url``: a core of ours, or a server of OpenAI's dialect.

Knows no address and no key.
"""

from __future__ import annotations

from typing import Literal

Server = Literal["ghostllm", "litellm", "llama.cpp", "server"]
"""``server`` is any other of OpenAI's dialect; all but the first are names of providers."""

TITLES: dict[str, str] = {
    "ghostllm": "GhostLLM",
    "litellm": "LiteLLM",
    "llama.cpp": "llama.cpp",
    "server": "The server",
}
