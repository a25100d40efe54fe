"""The names of a project's files: what a model may be told that there is.

Asked of git where there is a repository, else walked, leaving out what ignore files name. Names
of secrets, of what an editor, git or an agent obeys, and of projects inside this one are never
among them. Follows no link and opens no file but ignore files. Takes up to some seconds, so it
belongs into a thread.
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.warden.lists import is_consent_file, is_protected, is_secret
from zeke_bridge.warden.spelling import disguises
from zeke_bridge.workspace.plain import read_plain
from zeke_bridge.workspace.project import is_project
from zeke_bridge.workspace.quiet_git import ask

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MOST_FILES = 4000
MOST_BYTES = 200_000
LIMIT_S = 3.0

_IGNORE_FILES = (".gitignore", ".ignore")
_MOST_RULES = 256 * 1024
# Without a repository, nobody may have written down that these are of no interest.
_MACHINE_MADE = frozenset({"node_modules", "__pycache__", "venv", "target", "dist", "build"})


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths from the root, sorted; not ``whole``: there are more than these."""

    paths: tuple[str, ...] = ()
    whole: bool = True


def list_files(root: str) -> Listing:
    """The files of the project at ``root``. Never raises."""
    said = ask(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if said is not None and said.status == 0:
        parts = said.output.split(b"\0")
        # The last part is empty, or a name that was cut.
        names = sorted({os.fsdecode(part) for part in parts[:-1]})
        return _bounded(root, iter(names), said.whole)
    walk = _Walk(root, time.monotonic() + LIMIT_S)
    names = sorted(walk.files())
    return _bounded(root, iter(names), walk.whole)


def _bounded(root: str, names: Iterator[str], whole: bool) -> Listing:
    found: list[str] = []
    left = MOST_BYTES
    known: dict[str, bool] = {}
    for name in names:
        if not may_be_named(name) or _is_inner(root, name, known):
            continue
        left -= len(name.encode("utf-8")) + 1
        if len(found) == MOST_FILES or left < 0:
            return Listing(tuple(found), False)
        found.append(name)
    return Listing(tuple(found), whole)


def _is_inner(root: str, name: str, known: dict[str, bool]) -> bool:
    """Whether ``name`` is, or is of, a project inside this one; ``known``: what was looked at."""
    at = name.find("/")
    while at > 0:
        folder = name[:at]
        if folder not in known:
            known[folder] = is_project(f"{root}/{folder}")
        if known[folder]:
            return True
        at = name.find("/", at + 1)
    # A submodule, and a repository that was never added, stand in git's list as one entry.
    return is_project(f"{root}/{name}")


def may_be_named(path: str) -> bool:
    """Whether a model may be told that ``path`` (from the root) is there."""
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in path):
        return False
    forms = disguises([path])
    return not (
        is_secret(forms) or is_consent_file(forms) or is_protected(forms, on_runtimepath=False)
    )


@dataclass(slots=True)
class _Walk:
    """One walk that ends at ``deadline`` (of the monotonic clock) or when it has enough."""

    root: str
    deadline: float
    whole: bool = True
    _count: int = 0
    _rules: dict[str, GitIgnoreSpec] = field(default_factory=dict)

    def files(self) -> Iterator[str]:
        """Paths from the root, in no order."""
        folders = [""]
        while folders:
            folder = folders.pop()
            for name, below in self._entries(folder):
                if self._count > MOST_FILES or time.monotonic() > self.deadline:
                    self.whole = False
                    return
                if below:
                    folders.append(name)
                else:
                    self._count += 1
                    yield name

    def _entries(self, folder: str) -> Iterator[tuple[str, bool]]:
        """What is in ``folder`` and not ignored, and whether that is a directory."""
        here = os.path.join(self.root, folder) if folder else self.root  # noqa: PTH118 - as below
        self._learn(folder, here)
        try:
            entries = os.scandir(here)  # a Path for each entry would cost more than the look
        except OSError:
            return
        with entries:
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    below = entry.is_dir(follow_symlinks=False)
                    wanted = below or entry.is_file(follow_symlinks=False)
                except OSError:
                    continue
                closed = below and (
                    entry.name in _MACHINE_MADE or entry.name[0] == "." or is_project(entry.path)
                )
                if wanted and not closed and not self._ignored(name, below):
                    yield name, below

    def _learn(self, folder: str, here: str) -> None:
        texts = (read_plain(Path(here, name), _MOST_RULES) or "" for name in _IGNORE_FILES)
        lines = [line for text in texts for line in text.splitlines()]
        if lines:
            # Not at the top, because an editor waits for the broker's first answer.
            from pathspec import GitIgnoreSpec

            self._rules[folder] = GitIgnoreSpec.from_lines(lines)

    def _ignored(self, name: str, below: bool) -> bool:
        """By the rules of the nearest directory that says anything about ``name``."""
        above = name
        while above:
            above = above.rpartition("/")[0]
            rules = self._rules.get(above)
            if rules is None:
                continue
            local = name[len(above) + 1 :] if above else name
            said = rules.check_file(f"{local}/" if below else local).include
            if said is not None:
                return said
        return False
