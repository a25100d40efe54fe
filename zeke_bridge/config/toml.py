"""One TOML file: its tables, and the line a key stands on, so that a mistake can be found.

Knows nothing of which keys there should be; the caller says that to ``checked``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Document:
    """What stood in ``path``; ``table`` is empty when there is no file."""

    path: Path
    text: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read ``path``; raises ``ConfigError`` when it cannot be read or is not TOML."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(path)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read: {error}.") from error
        try:
            return cls(path, text, tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ConfigError(f"{path} is not TOML: {error}.") from error

    def wrong(self, where: tuple[str, ...], sentence: str) -> ConfigError:
        """An error about the key ``where`` (``("routing", "priority")``), naming its line."""
        line = self._line(where)
        place = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigError(f"{place}: {'.'.join(where)} {sentence}")

    def known(self, where: tuple[str, ...], key: str, keys: Iterable[str]) -> None:
        """Raise ``ConfigError`` naming the nearest of ``keys`` unless ``key`` is among them."""
        names = sorted(keys)
        if key in names:
            return
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
        hint = f": did you mean {near[0]}?" if near else "."
        raise self.wrong((*where, key), f"is not known{hint}")

    def table_at(self, *where: str) -> Mapping[str, Any]:
        """The table ``where``, empty when it is not there."""
        found: Any = self.table
        for depth, key in enumerate(where):
            found = found.get(key, {})
            if not isinstance(found, Mapping):
                raise self.wrong(where[: depth + 1], "must be a table.")
        return found if isinstance(found, Mapping) else {}

    def _line(self, where: tuple[str, ...]) -> int:
        """The line of the key or table; 0 when the file spells it in a way not looked for."""
        table = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
                table = header[1].replace('"', "").replace(" ", "")
                if table == ".".join(where):
                    return number
            elif table == ".".join(where[:-1]):
                key = re.match(r"""\s*["']?([\w-]+)["']?\s*[=.]""", line)
                if key and key[1] == where[-1]:
                    return number
        return 0
