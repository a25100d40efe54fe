"""One table of a document, read key by key: what it must be, and what is wrong when it is not.

A value of the wrong kind is a ``ConfigError`` that names file, line and key, never the value: it
could be a secret. Does not know which keys there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.config.document import Document, Place
from zeke_bridge.config.expand import UnsetError, expand, variable
from zeke_bridge.model.errors import ConfigError

_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
}
_MOST = 1e15


@dataclass(frozen=True, slots=True)
class Secret:
    """A key: the variable that holds it, or the key itself; both empty when there is none."""

    variable: str = ""
    value: str = field(default="", repr=False)


class Section:
    """The table at ``where`` in ``document``."""

    def __init__(
        self, document: Document, where: Place = (), table: Mapping[str, Any] | None = None
    ) -> None:
        self.document = document
        self.where = where
        self._table = document.table if table is None else table

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order of the file."""
        return iter(self._table)

    def __contains__(self, key: str) -> bool:
        """Whether ``key`` is there and not null."""
        return self._table.get(key) is not None

    def __bool__(self) -> bool:
        return bool(self._table)

    def wrong(self, key: str | int | None, sentence: str) -> ConfigError:
        """An error about ``key``, or about the table itself."""
        return self.document.wrong(self._place(key), sentence)

    def note(self, key: str | None, sentence: str) -> None:
        """A sentence about ``key`` that is no error."""
        self.document.note(self._place(key), sentence)

    def only(self, keys: Iterable[str]) -> None:
        """Raise unless every key is one of ``keys``."""
        names = list(keys)
        for key in self:
            self.document.known(self.where, key, names)

    def is_table(self, key: str) -> bool:
        """Whether ``key`` holds a table."""
        return isinstance(self._table.get(key), Mapping)

    def is_list(self, key: str) -> bool:
        """Whether ``key`` holds a list."""
        return isinstance(self._table.get(key), list)

    def section(self, key: str) -> Section:
        """The table ``key``, empty when it is not there."""
        value = self._table.get(key)
        if value is not None and not isinstance(value, Mapping):
            raise self.wrong(key, f"must be a table, not {_kind(value)}.")
        return Section(self.document, (*self.where, key), value or {})

    def sections(self, key: str) -> list[Section]:
        """The tables in the list ``key``."""
        found = []
        for number, value in enumerate(self._list(key)):
            where = (*self.where, key, number)
            if not isinstance(value, Mapping):
                raise self.document.wrong(where, f"must be a table, not {_kind(value)}.")
            found.append(Section(self.document, where, value))
        return found

    def text(self, key: str, default: str = "") -> str:
        """A string, its variables replaced."""
        value = self._table.get(key)
        return default if value is None else self._string((*self.where, key), value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        where = (*self.where, key)
        return tuple(
            self._string((*where, number), value) for number, value in enumerate(self._list(key))
        )

    def some(self, key: str) -> tuple[str, ...]:
        """A string, or a list of strings."""
        if isinstance(self._table.get(key), str):
            return (self.text(key),)
        return self.texts(key)

    def items(self, key: str) -> list[tuple[int, str | Section]]:
        """The elements of the list ``key``: strings and tables, with their numbers."""
        found: list[tuple[int, str | Section]] = []
        for number, value in enumerate(self._list(key)):
            where = (*self.where, key, number)
            if isinstance(value, Mapping):
                found.append((number, Section(self.document, where, value)))
            else:
                found.append((number, self._string(where, value)))
        return found

    def secret(self, key: str) -> Secret:
        """A key. One whose variable is not set is not there, which is no error."""
        value = self._table.get(key)
        name = variable(value) if isinstance(value, str) else ""
        if name and name not in self.document.variables:
            return Secret(variable=name)
        return Secret(value=self.text(key).strip())

    def number(
        self, key: str, least: float = 0.0, most: float = _MOST, *, above: bool = False
    ) -> float | None:
        """A number of at least ``least`` (``above``: more than that); None when there is none."""
        value = self._bare(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"must be a number, not {_kind(value)}.")
        # An int may be too large for a float.
        if not (least <= value <= most) or not math.isfinite(value) or (above and value == least):
            low = f"more than {least:g}" if above else f"{least:g} or more"
            high = "" if most == _MOST else f" and at most {most:g}"
            raise self.wrong(key, f"must be {low}{high}.")
        return float(value)

    def whole(self, key: str, least: int = 1, most: int = 10**15) -> int | None:
        """A whole number; None when there is none."""
        value = self.number(key, least, most)
        if value is not None and not value.is_integer():
            raise self.wrong(key, "must be a whole number.")
        return None if value is None else int(value)

    def flag(self, key: str, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self._bare(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, not {_kind(value)}.")
        return value

    def _place(self, key: str | int | None) -> Place:
        return self.where if key is None else (*self.where, key)

    def _list(self, key: str) -> list[Any]:
        value = self._table.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, f"must be a list, not {_kind(value)}.")
        return value

    def _string(self, where: Place, value: Any) -> str:
        if not isinstance(value, str):
            raise self.document.wrong(where, f"must be a string, not {_kind(value)}.")
        try:
            return expand(value, {**self.document.environ, **self.document.variables})
        except UnsetError as error:
            raise self.document.wrong(where, _unset(error.name)) from None

    def _bare(self, key: str) -> Any:
        """The value; one that is nothing but a variable as the number or flag it holds."""
        value = self._table.get(key)
        if not isinstance(value, str) or self.text(key) == value:
            return value
        text = self.text(key).strip()
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        try:
            return float(text)
        except ValueError:
            return text


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a table" if isinstance(value, Mapping) else "anything else")


def _unset(name: str) -> str:
    if not name:
        return "holds ${ without the name of a variable and }: write $${ for a plain one."
    return f"needs the variable {name}, which is not set: set it, or write ${{{name}:-default}}."
