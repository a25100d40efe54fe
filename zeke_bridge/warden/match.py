"""The person's auto-approve patterns, and the patterns of a project's denies.

Patterns are gitignore-style. What ``Patterns`` lets through is never broader than what
``git check-ignore`` reports for the same list, and narrower on purpose in two places: a pattern
without a slash has to match the last component, and an exclusion also covers what is below, in
any case. What ``DenyPattern`` stops is broader on purpose: every disguise, in any case, and
everything below.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zeke_bridge.warden.glob import PatternError, check, components, sequence
from zeke_bridge.warden.spelling import fold


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern; ``on_leaf`` looks at the last component only."""

    text: str
    exclusion: bool
    on_leaf: bool
    regex: re.Pattern[bytes]


class Patterns:
    """An ordered list of patterns; of those that match, the last one decides.

    ``warnings`` holds one sentence for each rejected pattern. A rejected exclusion empties the
    list: what it was to keep out cannot be known.
    """

    __slots__ = ("_patterns", "warnings")

    def __init__(self, texts: Iterable[object]) -> None:
        patterns: list[Pattern] = []
        warnings: list[str] = []
        off = False
        for text in texts:
            try:
                patterns.append(_compile(text))
            except PatternError as error:
                warnings.append(f"auto_approve_patterns: {_quoted(text)} is not used: {error}.")
                # Whatever is not even text may have been meant as an exclusion.
                off = off or not isinstance(text, str) or text.lstrip().startswith("!")
        if off:
            warnings.append("auto_approve_patterns: an exclusion is broken, so none is used.")
        self.warnings = tuple(warnings)
        self._patterns = () if off else tuple(reversed(patterns))

    def __len__(self) -> int:
        return len(self._patterns)

    def allows(self, path: str) -> str:
        """Return the pattern that lets ``path`` (canonical, relative) through, or ``""``."""
        whole = path.encode()
        leaf = whole.rpartition(b"/")[2]
        for pattern in self._patterns:
            if pattern.regex.fullmatch(leaf if pattern.on_leaf else whole):
                return "" if pattern.exclusion else pattern.text
        return ""


class DenyPattern:
    """One pattern of a project's ``denies``; raises ``PatternError`` when it cannot be used."""

    __slots__ = ("_paths", "text")

    def __init__(self, text: str) -> None:
        # A team may anchor a deny with a leading slash: that cannot open anything.
        bare = check(text[1:] if text.startswith("/") else text)
        if bare.startswith("!"):
            raise PatternError("a deny cannot be an exclusion")
        anchored = text.startswith("/")
        self.text = text
        self._paths = tuple(
            dict.fromkeys(_broad(form, anchored=anchored) for form in (bare, _folded(bare)))
        )

    def covers_path(self, forms: Sequence[tuple[str, ...]]) -> bool:
        """Say whether any disguise of a path, or a directory above it, matches."""
        return any(
            regex.fullmatch("/".join(form).encode(errors="surrogateescape"))
            for regex in self._paths
            for form in forms
        )

    def covers_name(self, names: Iterable[str]) -> bool:
        """Say whether any of ``names`` (a program, a command's first words, a tool) matches."""
        wanted = self.text.casefold()
        return any(fnmatch.fnmatchcase(name.casefold(), wanted) for name in names)

    def covers_host(self, scheme: str, host: str, port: int) -> bool:
        """Say whether an endpoint, as ``grants.endpoint`` has it, matches by any part of it."""
        wanted = _host(self.text.casefold())
        names = (host, f"{host}:{port}", f"{scheme}://{host}:{port}")
        # An IPv6 address in brackets would be a set of characters to fnmatch.
        return wanted in names or any(fnmatch.fnmatchcase(name, wanted) for name in names)


def _host(text: str) -> str:
    """Return the one spelling of an address or a host name; a pattern as it is."""
    try:
        address = ipaddress.IPv6Address(text.strip("[]"))
    except ValueError:
        return text.removesuffix(".")
    return str(address.ipv4_mapped or f"[{address}]")


def _compile(text: object) -> Pattern:
    bare = check(text)
    exclusion = bare.startswith("!")
    body = bare.removeprefix("!")
    folder = body.endswith("/")
    parts = components(body[:-1] if folder else body)
    if any("**" in part and part.strip("*") for part in body.split("/")):
        # Before a slash git takes such stars for any number of directories.
        raise PatternError("it holds '**' that is not a whole component")
    _ask_pathspec(bare)
    regex = sequence(parts)
    if len(parts) == 1 and (folder or exclusion):
        regex = rb"(?:.*/)?" + regex
    if exclusion:
        regex += rb"(?:/.*)?"
    elif folder:
        regex += rb"/.+"
    elif len(parts) > 1:
        regex += rb"(?:/.+)?"
    on_leaf = len(parts) == 1 and not folder and not exclusion
    # Where file names have no case, git excludes in every case.
    flags = re.DOTALL | re.IGNORECASE if exclusion else re.DOTALL
    return Pattern(bare, exclusion, on_leaf, re.compile(regex, flags))


def _broad(bare: str, *, anchored: bool) -> re.Pattern[bytes]:
    parts = components(bare.removesuffix("/"))
    floating = rb"(?:.*/)?" if len(parts) == 1 and not anchored else b""
    return re.compile(floating + sequence(parts) + rb"(?:/.*)?", re.DOTALL)


def _folded(bare: str) -> str:
    # Escapes and brackets would change their meaning when folded; case is what is left.
    return bare.lower() if "\\" in bare or "[" in bare else fold(bare)


def _ask_pathspec(bare: str) -> None:
    """Refuse what pathspec cannot compile: other tools would read it differently."""
    # Most people have no patterns, and an editor waits for the broker's first answer.
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([bare])
    except Exception as error:
        raise PatternError("it does not compile") from error


def _quoted(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= 80 else f"{shown[:40]}…{shown[-39:]}"
