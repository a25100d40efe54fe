"""Where GhostLLM's files are. Makes nothing and reads nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs


def ghostllm_directory(environ: Mapping[str, str] | None = None) -> Path:
    """``$GHOSTLLM_CONFIG_DIR``, else ``ghostllm`` in the user's configuration directory."""
    chosen = (os.environ if environ is None else environ).get("GHOSTLLM_CONFIG_DIR")
    return Path(chosen or platformdirs.user_config_dir("ghostllm"))


def ghostllm_config(environ: Mapping[str, str] | None = None) -> Path:
    """Where providers and their order are configured."""
    return ghostllm_directory(environ) / "config.toml"


def ghostllm_keys(environ: Mapping[str, str] | None = None) -> Path:
    """Where keys are kept that are not in the environment."""
    return ghostllm_directory(environ) / "auth.json"


def ghostllm_usage(environ: Mapping[str, str] | None = None) -> Path:
    """Where a core writes its usage: in ``$GHOSTLLM_STATE_DIR``, or beside Zeke's own state."""
    known = os.environ if environ is None else environ
    if chosen := known.get("GHOSTLLM_STATE_DIR"):
        return Path(chosen) / "usage.db"
    if zeke := known.get("ZEKE_STATE_DIR"):
        return Path(zeke) / "ghostllm" / "usage.db"
    return Path(platformdirs.user_state_dir("ghostllm")) / "usage.db"
