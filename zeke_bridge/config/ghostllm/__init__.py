"""The routing core's configuration: its values, and the files they are read from."""

from zeke_bridge.config.ghostllm.load import limited, load
from zeke_bridge.config.ghostllm.roster import ON_REQUEST
from zeke_bridge.config.ghostllm.schema import (
    LOCAL,
    Caching,
    Costs,
    GhostConfig,
    Logs,
    ModelConfig,
    ProviderConfig,
    Rates,
    Routes,
    Serving,
)

__all__ = [
    "LOCAL",
    "ON_REQUEST",
    "Caching",
    "Costs",
    "GhostConfig",
    "Logs",
    "ModelConfig",
    "ProviderConfig",
    "Rates",
    "Routes",
    "Serving",
    "limited",
    "load",
]
