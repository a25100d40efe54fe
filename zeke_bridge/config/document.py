"""One configuration, read from one file or several: its tables, and the line of every key.

Knows nothing of a file format, nor of which keys there should be.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import ConfigError
from zeke_bridge.model.likeness import likest

Place = tuple[str | int, ...]
"""Where a value stands: keys, and numbers in lists (``("models", 0, "name")``)."""

_MOST_BYTES = 256 * 1024
_MOST_SHOWN = 80
_OTHERS = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of a file."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """What stood in ``path``; ``table`` is empty when there is no file.

    ``environ`` is what ``${NAME}`` stands for. ``variables`` are further ones that the document
    itself sets. ``notes`` collects what a reader finds worth a look.
    """

    path: Path
    table: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[Place, Mark] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def wrong(self, where: Place, sentence: str) -> ConfigError:
        """An error about ``where``, naming file and line; ``sentence`` begins with a verb."""
        return ConfigError(self._about(where, sentence))

    def note(self, where: Place, sentence: str) -> None:
        """Keep a sentence about ``where`` that is no error."""
        self.notes.append(self._about(where, sentence))

    def at(self, where: Place) -> str:
        """The file and the line of ``where``, or of what it stands in."""
        for depth in range(len(where), 0, -1):
            if mark := self.marks.get(where[:depth]):
                return f"{mark.path}, line {mark.line}"
        return str(self.path)

    def known(self, where: Place, key: str, keys: Iterable[str]) -> None:
        """Raise ``ConfigError`` naming the nearest of ``keys`` unless ``key`` is among them."""
        names = sorted(keys)
        if key not in names:
            raise self.wrong((*where, key), f"is not known{nearest(key, names)}")

    def table_at(self, *where: str) -> Mapping[str, Any]:
        """The table ``where``, empty when it is not there."""
        found: Any = self.table
        for depth, key in enumerate(where):
            found = found.get(key)
            found = {} if found is None else found
            if not isinstance(found, Mapping):
                raise self.wrong(where[: depth + 1], "must be a table.")
        return found if isinstance(found, Mapping) else {}

    def _about(self, where: Place, sentence: str) -> str:
        return (
            f"{self.at(where)}: {shown(where)} {sentence}" if where else f"{self.path} {sentence}"
        )


def nearest(word: str, names: Iterable[str]) -> str:
    """``: did you mean x?``, or a full stop when none of ``names`` is like ``word``."""
    near = likest(word, names)
    return f": did you mean {near[0]}?" if near else "."


def shown(where: Place) -> str:
    """``where`` as people write it: ``models[0].name``; a strange key is escaped."""
    text = ""
    for step in where:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = (step if step.isprintable() else ascii(step))[:_MOST_SHOWN]
            text += f".{key}" if text else key
    return text


def read_text(path: Path) -> str | None:
    """The text of ``path``, None when there is no such file. Raises ``ConfigError``."""
    try:
        raw = _read(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    if len(raw) > _MOST_BYTES:
        raise ConfigError(f"{path} cannot be read: it is over {_MOST_BYTES // 1024} KB.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: cannot be read: it is not UTF-8.") from error


def _read(path: Path) -> bytes:
    # A pipe would be waited for.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("it is not a file")
    with os.fdopen(handle, "rb") as file:
        return file.read(_MOST_BYTES + 1)


def open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may read ``path``."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def merged(documents: Sequence[Document]) -> Document:
    """The documents as one, table by table; ``path`` is that of the first.

    Raises ``ConfigError`` when two of them say the same thing.
    """
    first = documents[0]
    table: dict[str, Any] = {}
    marks: dict[Place, Mark] = {}
    for document in documents:
        whole = Document(first.path, table, marks)
        _lay(table, document.table, (), whole, document)
        for where, mark in document.marks.items():
            marks.setdefault(where, mark)
    return Document(first.path, table, marks, first.environ)


def _lay(
    below: dict[str, Any], table: Mapping[str, Any], where: Place, whole: Document, new: Document
) -> None:
    for key, value in table.items():
        place = (*where, key)
        if key not in below:
            below[key] = _copied(value)
        elif isinstance(below[key], dict) and isinstance(value, Mapping):
            _lay(below[key], value, place, whole, new)
        else:
            raise new.wrong(place, f"is also in {whole.at(place)}: keep one of them.")


def _copied(value: Any) -> Any:
    """Tables are copied, because others are laid over them."""
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return value
