"""Where in a project the entries are that a program must not write by itself.

By the names that GhostWarden protects, by what git keeps, and by the consent file. Looks into
directories that people work in; what package managers have put there is left out, for nobody's
editor or git obeys what lies below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache

from zeke_bridge.model.errors import ProcessError
from zeke_bridge.model.target import Places
from zeke_bridge.warden.lists import CONSENT_FILE, is_consent_file, is_protected
from zeke_bridge.warden.spelling import disguises

MOST_ENTRIES = 200_000
_INSTALLED = frozenset({"node_modules", "site-packages", ".venv", "venv", "__pycache__", ".tox"})
_REPOSITORY = frozenset({"HEAD", "objects", "refs"})


def protected(root: str, places: Places) -> tuple[str, ...]:
    """Return the protected entries of the project ``root``, absolute, there or not.

    Raises:
        ProcessError: there are too many files to look at.
    """
    # There or not: so that neither can be made, nothing new is made beside them.
    always = (f"{root}/{CONSENT_FILE}", f"{root}/.git")
    loaded = places.on_runtimepath
    return (*always, *places.never, *places.git_dirs, *_found(root, on_runtimepath=loaded))


def listed(path: str) -> Sequence[str]:
    """Return the entries of a directory that are no links; none when it cannot be listed.

    What is not named here stays closed.
    """
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries if not entry.is_symlink()]
    except OSError:
        return ()


def _found(root: str, *, on_runtimepath: bool) -> Iterator[str]:
    pending, seen = [""], 0
    while pending:
        below = pending.pop()
        try:
            with os.scandir(f"{root}/{below}") as entries:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            continue
        seen += len(found)
        if seen > MOST_ENTRIES:
            raise ProcessError(
                f"The project holds over {MOST_ENTRIES} files, too many to keep a program from "
                "the protected ones; set `agents.contain = false`, or open a part of it."
            )
        if below and {name for name, _ in found} >= _REPOSITORY:
            yield f"{root}/{below}"
            continue
        for name, is_directory in found:
            path = f"{below}/{name}" if below else name
            if _is_protected(below, name, on_runtimepath=on_runtimepath):
                yield f"{root}/{path}"
            elif is_directory and name not in _INSTALLED:
                pending.append(path)


def _is_protected(below: str, name: str, *, on_runtimepath: bool) -> bool:
    if _by_name(name):
        return True
    # Two lists look at more than a name: workflows, and what Neovim loads from the top.
    if below and name.casefold() != "workflows":
        return False
    forms = disguises((f"{below}/{name}",))
    return is_protected(forms, on_runtimepath=on_runtimepath)


@lru_cache(maxsize=4096)
def _by_name(name: str) -> bool:
    forms = disguises((name,))
    return is_consent_file(forms) or is_protected(forms, on_runtimepath=False)
