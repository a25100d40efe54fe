"""Words and texts of a parsed shell text: what its nodes stand for.

Undoes the quoting of the shell as POSIX and bash have it (``$'…'`` included) and expands nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zeke_bridge.warden.command.word import Call, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_EXPANSIONS = frozenset(
    """
    simple_expansion expansion command_substitution process_substitution arithmetic_expansion
    brace_expression extglob_pattern
    """.split()  # noqa: SIM905 - as the grammar lists them
)
_PIPED_IN = re.compile(r"\$\(|`|[<>]\(")
_GLOB = re.compile(r"(?<!\\)[*?\[{~]")
_IN_WORD = re.compile(r"\\(.)", re.DOTALL)
_IN_STRING = re.compile(r'\\(["\\$`\n])')
_IN_ANSI = re.compile(
    r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|.)", re.DOTALL
)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_BASES = {"x": 16, "u": 16, "U": 16}


class Source:
    """The bytes that were parsed."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def text(self, node: Node) -> str:
        """Return the text of ``node`` as it was written."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def here_text(self, node: Node) -> str:
        """Return what opens a here-document, and how many lines it has; ``<<<`` whole."""
        if node.type == "herestring_redirect":
            return self.text(node)
        start = next((child for child in node.children if child.type == "heredoc_start"), None)
        lines = self._body(node).count("\n")
        count = "1 line" if lines == 1 else f"{lines} lines"
        return f"<<{self.text(start) if start else ''} ({count})"

    def call(
        self, node: Node, stdin: Node | None = None, *, piped: bool = False, from_file: bool = False
    ) -> Call:
        """Return the program and the arguments of a command."""
        if node.type == "test_command":
            return Call((Word(self.text(node), "["),))
        spans = _spans(node)
        if stdin is not None and stdin.type == "heredoc_redirect":
            # Arguments may follow what opens a here-document.
            spans += stdin.children_by_field_name("argument")
        words = tuple(self.word(child) for child in spans)
        inside = next((c for c in node.children if c.type == "herestring_redirect"), None)
        fed = inside or stdin
        return Call(words, self._fed(fed) if fed else None, piped, from_file)

    def word(self, node: Node) -> Word:
        """Return one word of a command."""
        if node.type == "command_name" and node.children:
            node = node.children[0]
        text = self.text(node)
        parts = node.children if node.type == "concatenation" else [node]
        values = [self._value(part) for part in parts]
        substituted = any(
            part.type not in ("raw_string", "ansi_c_string")
            and _PIPED_IN.search(self.text(part)) is not None
            for part in parts
        )
        return Word(
            text,
            "".join(value for value, _ in values),
            all(sure for _, sure in values),
            substituted,
        )

    def _value(self, node: Node) -> tuple[str, bool]:
        text, kind = self.text(node), node.type
        if kind == "raw_string":
            return text[1:-1], True
        if kind == "ansi_c_string":
            return _IN_ANSI.sub(_ansi, text[2:-1]), True
        if kind in ("string", "translated_string"):
            inner = text[text.find('"') + 1 : -1]
            sure = not any(child.type in _EXPANSIONS for child in node.children)
            return _IN_STRING.sub(_bare, inner), sure
        if kind in _EXPANSIONS:
            return text, False
        return _IN_WORD.sub(_bare, text), _GLOB.search(text) is None

    def _fed(self, node: Node) -> str:
        if node.type == "herestring_redirect":
            inner = next((child for child in node.children if child.is_named), None)
            return self.word(inner).value if inner else ""
        return self._body(node)

    def _body(self, node: Node) -> str:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        return self.text(body) if body else ""


def _spans(node: Node) -> list[Node]:
    """The words of a command: no assignments before its name, no redirections."""
    if node.type == "test_command":
        return [node]
    listed = node.type in ("declaration_command", "unset_command")
    return [
        child
        for child in node.children
        if child.type not in _REDIRECTS and (listed or child.type != "variable_assignment")
    ]


def _bare(match: re.Match[str]) -> str:
    # A backslash before the end of a line joins the lines.
    return "" if match[1] == "\n" else match[1]


def _ansi(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in _ANSI:
        return _ANSI[code[0]]
    digits = code[1:] if code[0] in _BASES else code
    if digits and (code[0] in _BASES or code[0] in "01234567"):
        number = int(digits, _BASES.get(code[0], 8))
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return code
