"""Keys of LiteLLM's configuration that have no effect here: ``litellm_keys.toml``, as values."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def idle(section: str) -> frozenset[str]:
    """The keys of ``section`` (``params``, ``general`` …) that are known and do nothing here.

    ``refused`` are those that cannot be left out: they decide who comes in.
    """
    data = files("zeke_bridge.config.ghostllm").joinpath("litellm_keys.toml")
    return frozenset(tomllib.loads(data.read_text(encoding="utf-8"))[section])
