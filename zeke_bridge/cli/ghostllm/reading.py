"""What a command line says of the configuration: which file, and what counts in its place."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from zeke_bridge.config.ghostllm import GhostConfig, limited, load
from zeke_bridge.model.errors import ConfigError

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A .toml, .yaml or .yml file instead of your own config.toml.",
    ),
]


@dataclass(frozen=True, slots=True)
class Reading:
    """Called, it reads the configuration, again each time. Raises ``ConfigError``.

    ``providers`` are the only ones that count, when there are any; ``cache_bytes`` counts instead
    of what the file says.
    """

    file: Path | None = None
    providers: tuple[str, ...] = ()
    cache_bytes: int | None = None

    def __call__(self) -> GhostConfig:
        """The configuration as it is now."""
        if self.file is not None and not self.file.exists():
            raise ConfigError(f"{self.file} is not there.")
        config = load(self.file and self.file.absolute())
        if self.providers:
            config = limited(config, self.providers, os.environ)
        if self.cache_bytes is not None:
            caching = replace(config.caching, max_bytes=self.cache_bytes)
            config = replace(config, caching=caching)
        return config


def names_in(text: str) -> tuple[str, ...]:
    """The names in ``a, b``."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
