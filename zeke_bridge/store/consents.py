"""The project's consent file together with the ledger that says whether it counts.

Reading refuses rather than repairs; writing merges with what is on disk and leaves, killed at
any instant, a whole file that the ledger honours. Does not decide about actions.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.format import ID, MAX_BYTES, Consents, dump, parse, restrictions
from zeke_bridge.store.ledger import Entry, Ledger
from zeke_bridge.store.paths import (
    Look,
    Stamp,
    is_settled,
    lock_name,
    locked_in_turn,
    look,
    private_dir,
    replace_file,
    stamp,
    sweep,
)
from zeke_bridge.warden.grants import GrantIndex, ProjectMemory
from zeke_bridge.warden.lists import CONSENT_FILE
from zeke_bridge.warden.strict import StrictError

_REVIEW = "review them in `:ZekeConsents`."
_UNSEEN = "Approvals in this project's .zeke-consents.json are not trusted yet, so none counts; "
_CHANGED = (
    "This project's .zeke-consents.json was changed by something other than Zeke, "
    "so none of its approvals counts, yours included; "
)
_HASH = re.compile(r"[0-9a-f]{64}")
_LOCK_LIMIT_S = 9.0
_DAY_S = 86_400
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
        # Each decision comes here; to put a Path together costs more than to look.
        key = (stamp(f"{real.rstrip('/')}/{CONSENT_FILE}"), self._ledger.stamp())
        cached = self._cache.get(real)
        if cached is not None and cached[0] == key:
            memory = cached[1]
        else:
            settled = all(map(is_settled, key))
            memory = self._read(real)
            if settled:
                self._cache[real] = (key, memory)
        # Most projects have no file, and what may be kept in it is no question then.
        if memory.state != "none" and self._forbidden(real):
            # What only restricts binds wherever it stands.
            return ProjectMemory(
                denies=memory.denies, local_only=memory.local_only, doubtful=memory.doubtful
            )
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
        expires = created + days * _DAY_S if days else None
        grant_id = secrets.token_hex(8)
        grant = Grant(grant_id, "project", op, subject, target, created, expires)

        _check_fits(grant)

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

        From then on they count for nothing in this project, also when the file cannot be
        written now (the next writing takes them out), or an older one comes back.

        Raises:
            StoreError: the ledger cannot be written; they still count.
        """
        real = os.path.realpath(root)
        chosen = frozenset(filter(ID.fullmatch, ids))
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
            with contextlib.suppress(StoreError):
                self._change(real, drop)
        return count

    def trust(self, root: str, file_hash: str) -> None:
        """Believe the file as it is, if it still has the hash that the person looked at.

        Raises:
            StoreError: it changed meanwhile, is broken, or the project may keep no approvals.
        """
        real = os.path.realpath(root)
        self._check_allowed(real)
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
        """Never believe content of this hash, and never ask about it again.

        Raises:
            StoreError: there is no such hash, or the ledger cannot be written.
        """
        if not _HASH.fullmatch(file_hash):
            raise StoreError("There is no file of that hash to reject; look at it again.")
        self._ledger.update(
            os.path.realpath(root),
            lambda entry: Entry(
                tuple(old for old in entry.accepted if old != file_hash),
                _merged(entry.rejected, (file_hash,)),
                entry.revoked,
            ),
        )

    def _read(self, real: str) -> ProjectMemory:
        found = self._look(real)
        if found.content is None:
            return (
                _broken(found.problem, Consents(local_only=True, whole=False))
                if found.problem
                else ProjectMemory()
            )
        problem = found.problem
        if not problem:
            try:
                return self._judged(real, _hash(found.content), _parsed(found.content))
            except StoreError as error:
                problem = error.message
        # It only restricts, so it binds whoever wrote it.
        left = restrictions(found.content, cut=len(found.content) == MAX_BYTES)
        return replace(_broken(problem, left), hash=_hash(found.content))

    def _judged(self, real: str, digest: str, consents: Consents) -> ProjectMemory:
        memory = ProjectMemory(
            state="untrusted",
            hash=digest,
            listed=consents.grants,
            denies=consents.compiled(),
            local_only=consents.local_only,
        )
        try:
            entry = self._ledger.entry(real)
        except StoreError as error:
            return replace(memory, notice=error.message)
        # Whatever becomes of the file, what was taken back stays so.
        listed = tuple(grant for grant in consents.grants if grant.id not in entry.revoked)
        memory = replace(memory, listed=listed)
        if digest in entry.rejected:
            return replace(memory, notice="", rejected=True)
        if digest not in entry.accepted:
            changed = _CHANGED if entry.accepted else _UNSEEN
            return replace(memory, notice=changed + _REVIEW if listed else "")
        return replace(memory, state="trusted", grants=GrantIndex(listed))

    def _change(self, real: str, change: Callable[[Consents], Consents]) -> None:
        self._check_allowed(real)
        with self._locked(real):
            path = Path(real) / CONSENT_FILE
            sweep(path)
            seen = stamp(path)
            content = self._content(real)
            entry = self._ledger.entry(real)
            old = Consents() if content is None else _parsed(content)
            if content is not None and _is_doubtful(_hash(content), old, entry):
                raise StoreError("This project's .zeke-consents.json is not trusted; " + _REVIEW)
            consents = change(old)
            # Ids that were revoked elsewhere while this file still had them.
            live = tuple(grant for grant in consents.grants if grant.id not in entry.revoked)
            new = _dumped(replace(consents, grants=live))
            self._save(real, content, new, lambda: stamp(path) == seen)

    def _save(self, real: str, old: bytes | None, new: bytes, seen: Callable[[], bool]) -> None:
        """Write the file so that the ledger honours whichever of the two a kill leaves."""
        path = Path(real) / CONSENT_FILE
        before = () if old is None else (_hash(old),)
        after = (_hash(new),)
        self._accept(real, (*before, *after))
        try:
            replace_file(path, new, seen)
        except OSError as error:
            # Where the new file may be in place all the same, both stay accepted.
            with contextlib.suppress(StoreError):
                if self._look(real).content == old:
                    self._accept(real, before)
            raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
        # The file is there and counts; that the one before does as well is no loss.
        with contextlib.suppress(StoreError):
            self._accept(real, after)

    def _accept(self, real: str, hashes: Sequence[str]) -> None:
        self._ledger.update(real, lambda entry: replace(entry, accepted=tuple(hashes)))

    def _check_allowed(self, real: str) -> None:
        why = self._forbidden(real)
        if why:
            raise StoreError(why)

    def _locked(self, real: str) -> AbstractContextManager[None]:
        locks = private_dir(private_dir(self._directory) / "locks")
        return locked_in_turn(locks / lock_name(real), _LOCK_LIMIT_S)

    def _look(self, real: str) -> Look:
        return look(Path(real) / CONSENT_FILE, MAX_BYTES, shared_reading=True)

    def _content(self, real: str) -> bytes | None:
        found = self._look(real)
        if found.problem:
            raise StoreError(found.problem)
        return found.content


def _is_doubtful(digest: str, consents: Consents, entry: Entry) -> bool:
    """Say whether writing into the file would have to make somebody else's grants count."""
    if digest in entry.accepted:
        return False
    return bool(consents.grants) or digest in entry.rejected


def _parsed(content: bytes) -> Consents:
    try:
        return parse(content)
    except StrictError as error:
        raise StoreError(f"{CONSENT_FILE} is not used: {error}.") from error


def _dumped(consents: Consents) -> bytes:
    content = dump(consents)
    if len(content) > MAX_BYTES:
        raise StoreError("This project's .zeke-consents.json is full; revoke some grants.")
    return content


def _check_fits(grant: Grant) -> None:
    """Raise ``StoreError`` for a grant that would make the whole file unreadable."""
    try:
        parse(dump(Consents((grant,))))
    except ValueError as error:
        reason = f"Nothing like this can be kept in .zeke-consents.json: {error}."
        raise StoreError(reason) from error


def _broken(reason: str, left: Consents) -> ProjectMemory:
    notice = f"{reason} No grant of it counts until it is mended or removed."
    if not left.whole:
        notice += " What it forbids could not all be read, so everything here is asked about"
        notice += " and stays on this machine." if left.local_only else "."
    return ProjectMemory(
        state="broken",
        notice=notice,
        denies=left.compiled(),
        local_only=left.local_only,
        doubtful=not left.whole,
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _merged(old: Sequence[str], new: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))
