"""The user's trust ledger: which content of which project's consent file is believed.

One file in the state directory (0600): a line of canonical JSON and a line with its SHA-256, so
that any changed byte makes the whole of it worthless. The format is the product's own. Knows
nothing of what the hashes stand for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import StoreError
from zeke_bridge.store.paths import locked, private_dir, read_private, replace_file, sweep
from zeke_bridge.store.strict import StrictError, loads

VERSION = 1
MAX_BYTES = 16 * 1024 * 1024
_KEPT_REJECTED = 64
_KEPT_REVOKED = 4096
_HASH = re.compile(r"[0-9a-f]{64}")
_FIELDS = ("accepted", "rejected", "revoked")

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One project: accepted and rejected hashes of its file, ids of revoked grants."""

    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()


class Ledger:
    """The ledger in ``directory`` (made 0700 when missing)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "trust.json"
        self._cached: tuple[Stamp | None, dict[str, Entry]] | None = None

    def stamp(self) -> Stamp | None:
        """Return what changes whenever the file does; None without a file."""
        return stamp(self._path)

    def entry(self, root: str) -> Entry:
        """Return what is known of the project at ``root``.

        Raises:
            StoreError: the ledger cannot be read or was changed by something else.
        """
        return self._load().get(root, Entry())

    def update(self, root: str, change: Callable[[Entry], Entry], *, renew: bool = False) -> None:
        """Replace the entry of ``root`` by ``change(entry)``, under the ledger's lock.

        ``renew``: a broken ledger is put aside and a new one begun; only for a person's explicit
        trust.

        Raises:
            StoreError: it cannot be read, locked or written; then it is as it was.
        """
        private_dir(self._directory)
        with locked(self._directory / "trust.lock"):
            sweep(self._path)
            try:
                projects = dict(self._load())
            except StoreError:
                if not renew:
                    raise
                self._put_aside()
                projects = {}
            changed = change(projects.get(root, Entry()))
            projects[root] = Entry(
                changed.accepted,
                changed.rejected[-_KEPT_REJECTED:],
                changed.revoked[-_KEPT_REVOKED:],
            )
            try:
                replace_file(self._path, _dump(projects))
            except OSError as error:
                reason = f"The trust ledger cannot be written: {error.strerror}."
                raise StoreError(reason) from error
            self._cached = None

    def _load(self) -> dict[str, Entry]:
        now = self.stamp()
        if self._cached is not None and self._cached[0] == now:
            return self._cached[1]
        content = read_private(self._path, MAX_BYTES, shared_reading=False)
        projects = {} if content is None else _parse(content, self._path)
        self._cached = (now, projects)
        return projects

    def _put_aside(self) -> None:
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_suffix(".broken"))


def stamp(path: Path) -> Stamp | None:
    """Return what changes whenever the file at ``path`` does; None when it cannot be seen."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _dump(projects: dict[str, Entry]) -> bytes:
    data = {
        "version": VERSION,
        "projects": {
            root: {name: list(getattr(entry, name)) for name in _FIELDS}
            for root, entry in projects.items()
        },
    }
    line = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    return line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n"


def _parse(content: bytes, path: Path) -> dict[str, Entry]:
    broken = f"The trust ledger {path} is damaged; trust the project again in `:ZekeConsents`."
    line, _, rest = content.partition(b"\n")
    if rest != hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise StoreError(broken)
    try:
        data = loads(line)
        if data["version"] != VERSION or type(data["version"]) is not int:
            raise StoreError(broken)
        return {root: _entry(fields) for root, fields in data["projects"].items()}
    except (StrictError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(broken) from error


def _entry(fields: Any) -> Entry:
    if set(fields) != set(_FIELDS):
        raise StrictError("unknown fields")
    for name in _FIELDS:
        if not all(isinstance(text, str) for text in fields[name]):
            raise StrictError(f"{name} is malformed")
    accepted, rejected, revoked = (tuple(fields[name]) for name in _FIELDS)
    if not all(_HASH.fullmatch(text) for text in (*accepted, *rejected)):
        raise StrictError("a hash is malformed")
    return Entry(accepted, rejected, revoked)
