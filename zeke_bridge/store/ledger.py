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

from zeke_bridge.model.errors import DamagedError, StoreError
from zeke_bridge.store.paths import (
    Stamp,
    is_settled,
    locked,
    private_dir,
    read_private,
    replace_file,
    stamp,
    sweep,
)
from zeke_bridge.warden.strict import StrictError, loads

VERSION = 1
MAX_BYTES = 16 * 1024 * 1024
_KEPT_REJECTED = 64
_KEPT_REVOKED = 4096
_HASH = re.compile(r"[0-9a-f]{64}")
_FIELDS = ("accepted", "rejected", "revoked")


@dataclass(frozen=True, slots=True)
class Entry:
    """One project: accepted and rejected hashes of its file, ids of revoked grants.

    Raises:
        StrictError: a hash is none. Nothing else may get into the ledger, for one wrong text
            would make the whole of it worthless.
    """

    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(_HASH.fullmatch(text) for text in (*self.accepted, *self.rejected)):
            raise StrictError("a hash is malformed")


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

        ``renew``: a damaged ledger is put aside and a new one begun; only for a person's
        explicit trust.

        Raises:
            StoreError: it cannot be read, locked or written; then it is as it was.
        """
        private_dir(self._directory)
        with locked(self._directory / "trust.lock"):
            sweep(self._path)
            try:
                projects = dict(self._load())
            except DamagedError:
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
            self._save(projects)

    def _save(self, projects: dict[str, Entry]) -> None:
        content = dump(projects)
        if len(content) > MAX_BYTES:
            raise StoreError("The trust ledger is full, so nothing new can be trusted.")
        try:
            replace_file(self._path, content)
        except OSError as error:
            raise StoreError(f"The trust ledger cannot be written: {error.strerror}.") from error
        finally:
            self._cached = None

    def _load(self) -> dict[str, Entry]:
        now = self.stamp()
        if self._cached is not None and self._cached[0] == now:
            return self._cached[1]
        settled = is_settled(now)
        content = read_private(self._path, MAX_BYTES, shared_reading=False)
        if content is None:
            projects = {}
        else:
            private_dir(self._directory)
            projects = parse(content, self._path)
        self._cached = (now, projects) if settled else None
        return projects

    def _put_aside(self) -> None:
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_suffix(".broken"))


def dump(projects: dict[str, Entry]) -> bytes:
    """Return the content of a ledger; ``parse`` gives the same back."""
    data = {
        "version": VERSION,
        "projects": {
            root: {name: list(getattr(entry, name)) for name in _FIELDS}
            for root, entry in projects.items()
        },
    }
    line = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    return line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n"


def parse(content: bytes, path: Path) -> dict[str, Entry]:
    """Return what a ledger says by root; ``path`` is for the sentence.

    Raises:
        DamagedError: it is not what ``dump`` wrote, to the byte.
    """
    broken = f"The trust ledger {path} is damaged; trust the project again in `:ZekeConsents`."
    line, _, rest = content.partition(b"\n")
    if rest != hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise DamagedError(broken)
    try:
        data = loads(line)
        if (
            set(data) != {"version", "projects"}
            or data["version"] != VERSION
            or type(data["version"]) is not int
        ):
            raise DamagedError(broken)
        return {root: _entry(fields) for root, fields in data["projects"].items()}
    except (StrictError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(broken) from error


def _entry(fields: Any) -> Entry:
    if set(fields) != set(_FIELDS):
        raise StrictError("unknown fields")
    for name in _FIELDS:
        if not isinstance(fields[name], list) or not all(
            isinstance(text, str) for text in fields[name]
        ):
            raise StrictError(f"{name} is malformed")
    return Entry(*(tuple(fields[name]) for name in _FIELDS))
