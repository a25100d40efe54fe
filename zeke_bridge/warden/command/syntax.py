"""Shell text taken apart by tree-sitter-bash.

Lists what stands in it in the order of the text: commands, redirections, assignments, here-
documents, functions, also inside substitutions. Knows the grammar, not what programs do. The
work is bounded: the parser's recovery from errors takes time by the square of the text.

The node types are those of tree-sitter-bash 0.25 (``src/node-types.json`` there).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from zeke_bridge.warden.command.nodes import Source
from zeke_bridge.warden.command.part import Kind
from zeke_bridge.warden.command.word import Call, written

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_BYTES = 8 * 1024
# Brackets, operators and lines: what makes a text tangled, for a person and for the parser.
MAX_MARKS = 1000
MAX_NODES = 12_000
MAX_LEVEL = 80

_MARKS = re.compile(r"[|&;()<>\[\]{}`\n]")
# The grammar's scanner (C) asks isalpha(3) about characters that it does not know and reads beyond
# its table for those past U+00FF. A shell takes their bytes for plain ones of a word, like this.
_MASK = bytes(range(128)) + b"_" * 128
_CALLS = frozenset({"command", "declaration_command", "unset_command", "test_command"})
_ATTACHED = frozenset(
    {"variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect"}
)
# Where the grammar and a shell are known to part ways: continued lines, backticks within backticks,
# a dollar sign that stands alone, a word that begins with a number sign behind "=" or ")".
_PARTING = re.compile(r"\\\n|\\`|\$(?:[ \t\n]|$)|[=)]#")
_BEFORE_COMMENT = b" \t\n;&|("
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_BARE = frozenset({"word", "concatenation"})
# All of their text belongs to them, whether or not their children account for it.
_WHOLE = frozenset({"heredoc_body", "string", "expansion"})
# What may stand between two nodes. To the grammar more is blank than to a shell.
_BLANK = re.compile(rb"(?:[ \t\n]|\\\n)*")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found, ``depth`` substitutions deep; ``call`` for commands only."""

    kind: Kind
    depth: int
    text: str
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Shell:
    """What was found. ``problem`` is a sentence when nobody could read the text."""

    items: tuple[Item, ...] = ()
    complete: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """A node still to be looked at."""

    node: Node
    depth: int
    level: int
    piped: bool = False
    stdin: Node | None = None
    from_file: bool = False
    """Of a command that is fed something."""


def read_shell(text: str) -> Shell:
    """Take ``text`` apart; never raises for what is in it."""
    data = text.encode(errors="surrogatepass")
    if len(data) > MAX_BYTES:
        return Shell(problem=f"Its shell text is over {MAX_BYTES} bytes, so it is not run.")
    if len(_MARKS.findall(text)) > MAX_MARKS:
        return Shell(problem="Its shell text is too tangled to be shown, so it is not run.")
    # With a callback, which could stop it, the parser keeps every chunk it was ever given.
    tree = _parser().parse(data.translate(_MASK))
    if tree.root_node.descendant_count > MAX_NODES:
        return Shell(problem="Its shell text is too tangled to be shown, so it is not run.")
    shell = _Reader(Source(data)).read(tree.root_node)
    doubtful = _PARTING.search(text) or ("<<" in text and "`" in text)
    return replace(shell, complete=False) if doubtful else shell


@cache
def _parser() -> Parser:
    # Most commands are no shell text, and an editor waits for the broker's first answer.
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


class _Reader:
    """Walks the tree without recursion: nesting may be as deep as the text is long."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._items: list[Item] = []
        self._complete = True
        self._seen: list[tuple[int, int]] = []

    def read(self, root: Node) -> Shell:
        pending = [_Step(root, 0, 0)]
        while pending:
            step = pending.pop()
            if step.level > MAX_LEVEL:
                return Shell(problem="Its shell text is nested too deeply, so it is not run.")
            if step.node.is_error or step.node.is_missing or self._is_doubtful(step.node):
                self._complete = False
            if not step.node.child_count or step.node.type in _WHOLE:
                self._seen.append(step.node.byte_range)
            self._list(step)
            pending.extend(reversed(self._below(step)))
        complete = self._complete and not root.has_error and self._is_seen()
        return Shell(tuple(self._items), complete)

    def _is_doubtful(self, node: Node) -> bool:
        """Say whether a shell may read this node as something else."""
        if node.type == "comment":
            before = self._source.data[node.start_byte - 1 : node.start_byte]
            return node.start_byte > 0 and before not in _BEFORE_COMMENT
        if node.type == "variable_assignment":
            # An array in brackets may hold blanks; a value without quotes may not.
            value = node.child_by_field_name("value")
            text = self._source.text(value) if value and value.type in _BARE else ""
            return any(blank in text for blank in " \t\n")
        if node.type == "file_redirect":
            return len(node.children_by_field_name("destination")) > 1
        return False

    def _is_seen(self) -> bool:
        """Say whether all text is in the tree: the parser may pass over some without a word."""
        at, data = 0, self._source.data
        for start, end in sorted(self._seen):
            if start > at and not _BLANK.fullmatch(data, at, start):
                return False
            at = max(at, end)
        return _BLANK.fullmatch(data, at) is not None

    def _list(self, step: _Step) -> None:
        node, kind = step.node, step.node.type
        if kind in _CALLS:
            call = self._source.call(node, step.stdin, piped=step.piped, from_file=step.from_file)
            # A redirection alone is parsed as a command without a name.
            if call.words:
                self._add("command", step, written(call.words), call)
        elif kind == "variable_assignment":
            self._add("assignment", step, self._source.text(node))
        elif kind == "file_redirect":
            self._add("redirection", step, self._source.text(node))
        elif kind in ("heredoc_redirect", "herestring_redirect"):
            self._add("here-doc", step, self._source.here_text(node))
        elif kind == "function_definition":
            name = node.child_by_field_name("name")
            self._add("function", step, self._source.text(name) if name else "")

    def _add(self, kind: Kind, step: _Step, text: str, call: Call | None = None) -> None:
        self._items.append(Item(kind, step.depth, text, call))

    def _below(self, step: _Step) -> list[_Step]:
        node, kind = step.node, step.node.type
        level, depth = step.level + 1, step.depth
        if kind in _SUBSTITUTIONS:
            # Into >(…) goes what the command prints.
            fed = self._source.text(node).startswith(">")
            return [_Step(child, depth + 1, level, fed) for child in node.children]
        if kind == "pipeline":
            return self._pipeline(step)
        if kind == "redirected_statement":
            return self._redirected(step)
        if kind == "variable_assignment" or kind in _ATTACHED:
            piped = kind == "heredoc_redirect"
            return [_Step(child, depth, level, piped) for child in node.children]
        if kind in _CALLS:
            # In ``export A=1`` the assignment is an argument that was listed with it.
            hidden = kind == "declaration_command"
            return [
                _Step(child, depth + (child.type in _ATTACHED), level)
                for node_child in node.children
                for child in (
                    node_child.children
                    if hidden and node_child.type == "variable_assignment"
                    else (node_child,)
                )
            ]
        return [_Step(child, depth, level, step.piped) for child in node.children]

    @staticmethod
    def _pipeline(step: _Step) -> list[_Step]:
        inside_here = step.node.parent is not None and step.node.parent.type == "heredoc_redirect"
        steps, piped = [], step.piped or inside_here
        for child in step.node.children:
            steps.append(_Step(child, step.depth, step.level + 1, piped))
            piped = piped or child.type in ("|", "|&")
        return steps

    def _redirected(self, step: _Step) -> list[_Step]:
        stdin, from_file = None, False
        for child in step.node.children:
            if child.type in ("heredoc_redirect", "herestring_redirect"):
                stdin = child
            elif child.type == "file_redirect":
                from_file = from_file or self._source.text(child).lstrip("0").startswith("<")
        return [
            _Step(child, step.depth + 1, step.level + 1)
            if child.type in _ATTACHED
            else _Step(child, step.depth, step.level + 1, step.piped, stdin, from_file)
            for child in step.node.children
        ]
