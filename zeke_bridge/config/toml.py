"""Reading a TOML file as a ``Document``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from zeke_bridge.config.document import Document, Mark, read_text
from zeke_bridge.config.lines import lines
from zeke_bridge.model.errors import ConfigError


def read_toml(path: Path, environ: Mapping[str, str]) -> Document:
    """What stands in ``path``. Raises ``ConfigError`` when it cannot be read or is not TOML."""
    text = read_text(path)
    if text is None:
        return Document(path, environ=environ)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        last = f"(at line {len(text.splitlines())}, the last)"
        why = str(error).replace("(at end of document)", last)
        raise ConfigError(f"{path} is not TOML: {why}.") from error
    marks = {place: Mark(path, line) for place, line in lines(text).items()}
    return Document(path, table, marks, environ)
