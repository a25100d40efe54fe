"""Where Zeke keeps what is the person's own, as GhostWarden has to know it. Makes nothing."""

from __future__ import annotations

import os

from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.config.paths import ghostllm_directory, ghostllm_usage
from zeke_bridge.config.settings import config_file
from zeke_bridge.model.target import Places
from zeke_bridge.store.paths import state_dir

_CORE_FILES = (
    "auth.json",
    "clients.json",
    "config.toml",
    "ghostllm.toml",
    "keyring.json",
    "routing.toml",
)


def own_places(runtime: Runtime) -> Places:
    """State, configuration, runtime files and keys: never changed, the secrets never read."""
    core = ghostllm_directory()
    never = (
        state_dir(),
        runtime.directory,
        config_file().parent,
        core,
        ghostllm_usage().parent,
    )
    # Keys may stand in the configuration as well.
    unreadable = (runtime.token, config_file(), *(core / name for name in _CORE_FILES))
    return Places(
        never=tuple(os.path.realpath(path) for path in never),
        unreadable=tuple(os.path.realpath(path) for path in unreadable),
    )
