"""Reading a YAML file as a ``Document``: plain values only, whatever the file says.

Only the events of the parser are used, so that nothing is ever constructed: tags other than those
of plain values are refused, and so are a key that comes twice, too much nesting, and aliases that
would unfold into too much. Words such as ``yes`` and ``off`` are what YAML 1.1 says, because
LiteLLM reads them so; numbers also what YAML 1.2 says (``1e-6``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zeke_bridge.config.document import Document, Mark, Place, read_text, shown
from zeke_bridge.model.errors import ConfigError

_DEEPEST = 32
_MOST_NODES = 50_000
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = {
    None,
    "!",
    *(_STANDARD + kind for kind in ("str", "int", "float", "bool", "null", "map", "seq")),
}
_MERGE = "<<"
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]{0,17}")
_NUMBER = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]{1,9})?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def read_yaml(path: Path, environ: Mapping[str, str]) -> Document:
    """What stands in ``path``. Raises ``ConfigError`` when it cannot be read or is not YAML."""
    text = read_text(path)
    if text is None:
        return Document(path, environ=environ)
    read = _Read(path, text)
    try:
        table = read.whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise read.wrong(mark, f"is not YAML: {error.problem or error.context}.") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{path}, line {line}: is not YAML: {error.reason}.") from error
    return Document(path, table, read.marks, environ)


@dataclass(slots=True)
class _Node:
    """A value and how many values it holds, itself counted."""

    value: Any
    size: int = 1


class _Read:
    def __init__(self, path: Path, text: str) -> None:
        self.marks: dict[Place, Mark] = {}
        self._path = path
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._anchors: dict[str, _Node | None] = {}
        self._nodes = 0

    def whole(self) -> Mapping[str, Any]:
        """The one document; empty when there is none."""
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return {}
        found = self._node(next(self._events), ()).value
        next(self._events)
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise self.wrong(more.start_mark, "begins a second document: keep one.")
        if found is not None and not isinstance(found, dict):
            raise self.wrong(event.start_mark, "must begin with a key and a colon.")
        return found or {}

    def wrong(self, mark: Any, sentence: str) -> ConfigError:
        """An error at ``mark``; ``sentence`` begins with a verb."""
        place = f"{self._path}, line {mark.line + 1}:" if mark else str(self._path)
        return ConfigError(f"{place} {sentence}")

    def _node(self, event: Any, place: Place) -> _Node:
        self._nodes += 1
        if len(place) > _DEEPEST:
            raise self.wrong(event.start_mark, "is nested too deeply.")
        if isinstance(event, yaml.AliasEvent):
            return self._counted(event, self._alias(event))
        if event.tag not in _PLAIN_TAGS:
            raise self.wrong(event.start_mark, "has a tag, which is not read here.")
        if event.anchor:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(self._scalar(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(place)
        else:
            node = self._table(place)
        if event.anchor:
            self._anchors[event.anchor] = node
        return self._counted(event, node)

    def _counted(self, event: Any, node: _Node) -> _Node:
        if node.size > _MOST_NODES or self._nodes > _MOST_NODES:
            raise self.wrong(event.start_mark, "unfolds into too much.")
        return node

    def _alias(self, event: Any) -> _Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self.wrong(event.start_mark, f"uses *{event.anchor} before it is there.")
        return node

    def _list(self, place: Place) -> _Node:
        values: list[Any] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            where = (*place, len(values))
            self._mark(where, event)
            node = self._node(event, where)
            values.append(node.value)
            size += node.size
        return _Node(values, size)

    def _table(self, place: Place) -> _Node:
        table: dict[str, Any] = {}
        beneath: list[dict[str, Any]] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            where = (*place, key)
            if key in table:
                first = self.marks[where].line
                name = shown(where)
                raise self.wrong(event.start_mark, f"{name} is there already, in line {first}.")
            self._mark(where, event)
            node = self._node(next(self._events), where)
            size += node.size
            if key == _MERGE:
                beneath += self._merged(event, node.value)
            else:
                table[key] = node.value
        for below in beneath:
            table = {**below, **table}
        return _Node(table, size)

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.tag not in _PLAIN_TAGS:
            raise self.wrong(event.start_mark, "has a key that is no plain word.")
        return str(event.value)

    def _merged(self, event: Any, value: Any) -> list[dict[str, Any]]:
        tables = value if isinstance(value, list) else [value]
        if not all(isinstance(table, dict) for table in tables):
            raise self.wrong(event.start_mark, "merges what is no table.")
        return tables

    def _mark(self, place: Place, event: Any) -> None:
        self.marks[place] = Mark(self._path, event.start_mark.line + 1)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style is not None or event.tag == f"{_STANDARD}str":
            return text
        if text in _NULL:
            return None
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        if _WHOLE.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(re.sub(r"\.(?=[in])", "", text.lower()).replace("_", ""))
        return text
