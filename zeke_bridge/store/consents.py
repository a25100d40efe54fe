"""The project's consent file together with the ledger that says whether it counts.

Reading refuses rather than repairs; writing merges with what is on disk and leaves, killed at
any instant, a whole file that the ledger honours. Does not decide about actions.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.format import MAX_BYTES, Consents, dump, parse, restrictions
from zeke_bridge.store.ledger import Entry, Ledger, Stamp, stamp
from zeke_bridge.store.paths import (
    lock_name,
    locked,
    private_dir,
    read_private,
    replace_file,
    sweep,
)
from zeke_bridge.store.strict import StrictError
from zeke_bridge.warden.grants import GrantIndex, ProjectMemory
from zeke_bridge.warden.lists import CONSENT_FILE

_UNSEEN = "Approvals in this project's .zeke-consents.json are not trusted yet, so none counts; "
_REVIEW = "review them in `:ZekeConsents`."
_Key = tuple[Stamp | None, Stamp | None]


class ConsentStore:
    """Consent files of all projects, with ledger and locks in ``directory``.

    ``forbidden(root)`` says in a sentence why a project may keep no approvals, or ``""``.
    """

    def __init__(self, directory: Path, forbidden: Callable[[str], str]) -> None:
        self._directory = directory
        self._ledger = Ledger(directory)
        self._forbidden = forbidden
        self._cache: dict[str, tuple[_Key, ProjectMemory]] = {}

    def load(self, root: str) -> ProjectMemory:
        """Return what counts of the project's file now. Never raises for a bad file."""
        real = os.path.realpath(root)
        if self._forbidden(real):
            return ProjectMemory()
        key = (stamp(Path(real) / CONSENT_FILE), self._ledger.stamp())
        cached = self._cache.get(real)
        if cached is not None and cached[0] == key:
            return cached[1]
        memory = self._read(real)
        self._cache[real] = (key, memory)
        return memory

    def remember(
        self, root: str, op: Op, subject: str, target: str, *, days: int, now: float
    ) -> Grant:
        """Add a grant to the project's file, or renew the one it has for the same.

        It lasts ``days`` from ``now``, or with 0 until it is revoked.

        Raises:
            StoreError: the project may keep none, the file is broken or not trusted, or it
                cannot be written; the old file is intact.
        """
        created = float(int(now))
        expires = created + days * 86400 if days else None
        grant_id = secrets.token_hex(8)
        grant = Grant(grant_id, "project", op, subject, target, created, expires)

        def add(consents: Consents) -> Consents:
            key = (grant.op, grant.subject, grant.target)
            kept = tuple(
                old
                for old in consents.grants
                if (old.op, old.subject, old.target) != key
                and (old.expires is None or old.expires > now)
            )
            return replace(consents, grants=(*kept, grant))

        self._change(os.path.realpath(root), add)
        return grant

    def revoke(self, root: str, ids: Iterable[str]) -> int:
        """Take grants back for good; returns how many the file had.

        Raises:
            StoreError: it cannot be written.
        """
        real = os.path.realpath(root)
        chosen = frozenset(ids)
        memory = self.load(real)
        count = sum(grant.id in chosen for grant in memory.listed)
        # First the ledger: from here on none of them counts, whatever becomes of the file.
        self._ledger.update(
            real, lambda entry: replace(entry, revoked=_merged(entry.revoked, sorted(chosen)))
        )

        def drop(consents: Consents) -> Consents:
            kept = tuple(grant for grant in consents.grants if grant.id not in chosen)
            return replace(consents, grants=kept)

        if memory.state == "trusted" and count:
            self._change(real, drop)
        return count

    def trust(self, root: str, file_hash: str) -> None:
        """Believe the file as it is, if it still has the hash that the person looked at.

        Raises:
            StoreError: it changed meanwhile, is broken, or the project may keep no approvals.
        """
        real = os.path.realpath(root)
        with self._locked(real):
            content = self._content(real)
            if content is None or _hash(content) != file_hash:
                raise StoreError("The file changed since you looked at it; review it again.")
            _parsed(content)
            self._ledger.update(
                real,
                lambda entry: Entry(
                    (file_hash,),
                    tuple(old for old in entry.rejected if old != file_hash),
                    entry.revoked,
                ),
                renew=True,
            )

    def reject(self, root: str, file_hash: str) -> None:
        """Never believe content of this hash, and never ask about it again."""
        self._ledger.update(
            os.path.realpath(root),
            lambda entry: Entry(
                tuple(old for old in entry.accepted if old != file_hash),
                _merged(entry.rejected, (file_hash,)),
                entry.revoked,
            ),
        )

    def _read(self, real: str) -> ProjectMemory:
        try:
            content = self._content(real)
        except StoreError as error:
            return ProjectMemory(state="broken", notice=_broken(error.message))
        if content is None:
            return ProjectMemory()
        digest = _hash(content)
        try:
            consents = _parsed(content)
        except StoreError as error:
            left = restrictions(content)
            return ProjectMemory(
                state="broken",
                hash=digest,
                denies=left.compiled(),
                local_only=left.local_only,
                notice=_broken(error.message),
            )
        return self._judged(real, digest, consents)

    def _judged(self, real: str, digest: str, consents: Consents) -> ProjectMemory:
        memory = ProjectMemory(
            state="untrusted",
            hash=digest,
            listed=consents.grants,
            denies=consents.compiled(),
            local_only=consents.local_only,
            notice=_UNSEEN + _REVIEW if consents.grants else "",
        )
        try:
            entry = self._ledger.entry(real)
        except StoreError as error:
            return replace(memory, notice=error.message)
        if digest in entry.rejected:
            return replace(memory, notice="", rejected=True)
        if digest not in entry.accepted:
            return memory
        listed = tuple(grant for grant in consents.grants if grant.id not in entry.revoked)
        return replace(memory, state="trusted", listed=listed, grants=GrantIndex(listed), notice="")

    def _change(self, real: str, change: Callable[[Consents], Consents]) -> None:
        why = self._forbidden(real)
        if why:
            raise StoreError(why)
        with self._locked(real):
            path = Path(real) / CONSENT_FILE
            sweep(path)
            content = self._content(real)
            entry = self._ledger.entry(real)
            if content is not None and _hash(content) not in entry.accepted:
                _parsed(content)
                raise StoreError("This project's .zeke-consents.json is not trusted; " + _REVIEW)
            consents = change(_parsed(content) if content is not None else Consents())
            # Ids that were revoked elsewhere while this file still had them.
            live = tuple(grant for grant in consents.grants if grant.id not in entry.revoked)
            new = dump(replace(consents, grants=live))
            if len(new) > MAX_BYTES:
                raise StoreError("This project's .zeke-consents.json is full; revoke some grants.")
            self._save(real, path, content, new)

    def _save(self, real: str, path: Path, old: bytes | None, new: bytes) -> None:
        """Write the file so that the ledger honours whichever of the two a kill leaves."""
        before = () if old is None else (_hash(old),)
        after = (_hash(new),)
        self._accept(real, (*before, *after))
        try:
            replace_file(path, new)
        except OSError as error:
            self._accept(real, before)
            raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
        self._accept(real, after)

    def _accept(self, real: str, hashes: Sequence[str]) -> None:
        self._ledger.update(real, lambda entry: replace(entry, accepted=tuple(hashes)))

    def _locked(self, real: str) -> AbstractContextManager[None]:
        return locked(private_dir(private_dir(self._directory) / "locks") / lock_name(real))

    def _content(self, real: str) -> bytes | None:
        return read_private(Path(real) / CONSENT_FILE, MAX_BYTES, shared_reading=True)


def _parsed(content: bytes) -> Consents:
    try:
        return parse(content)
    except StrictError as error:
        raise StoreError(f"{CONSENT_FILE} is not used: {error}.") from error


def _broken(reason: str) -> str:
    return f"{reason} No grant of it counts until it is mended or removed."


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _merged(old: Sequence[str], new: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))
