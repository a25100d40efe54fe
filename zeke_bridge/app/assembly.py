"""What embedded cores are made of: one of the user's own providers, others of one server each.

All of them write one book of usage. Only the first has the local model and the user's keys; one
before a server has nothing that the server could be given by mistake, and nobody else to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.config.ghostllm import GhostConfig, load
from zeke_bridge.config.ghostllm.fronting import fronting
from zeke_bridge.config.paths import ghostllm_keys, ghostllm_usage
from zeke_bridge.core.assemble import Core, build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.local.server import LlamaServer
from zeke_bridge.core.local.shelf import models_directory
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.system_keyring import SystemKeyring
from zeke_bridge.store.paths import state_dir


def own_core(runtime: Runtime, keys: Mapping[str, str]) -> Core:
    """The core of the user's own configuration; ``keys`` are those of the editors' settings."""
    local = LlamaServer(models_directory(), runtime.directory, log=state_dir() / "model.log")
    return build_core(
        load(),
        KeyFile(ghostllm_keys()),
        local,
        keys,
        usage=ghostllm_usage(),
        ring=SystemKeyring(),
        load=load,
    )


def server_core(name: str, base_url: str, api_key_env: str, silence: float, keys: Path) -> Core:
    """A core whose only provider is the server at ``base_url``.

    ``silence`` is how many seconds of it a person waits. ``keys`` is a file that is never there: no
    key but the one in ``api_key_env`` may reach the server.
    """

    def configured() -> GhostConfig:
        return fronting(load(), name, base_url, api_key_env)

    # The first byte may take longer: the prompt is read before it.
    limits = Limits(first_byte=2 * silence, silence=silence)
    return build_core(
        configured(), KeyFile(keys), limits=limits, usage=ghostllm_usage(), load=configured
    )
