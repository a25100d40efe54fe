"""The keys that clients have for the core: made, listed, rotated, revoked, and recognised.

Of a key only its SHA-256 is kept: with 256 random bits there is nothing to guess, so that a slow
hash would only make every request slow. A running core sees a change of the file at the next
request. Does not know HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zeke_bridge.config.ghostllm.schema import Rates
from zeke_bridge.config.paths import ghostllm_directory
from zeke_bridge.core.access.clients import FREE, Client
from zeke_bridge.core.private import PrivateFile, Stamp
from zeke_bridge.model.errors import AccessError, ConfigError, InputError

_PREFIX = "gk-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class _Kept:
    """One client and the digests of its keys: the one that counts, and one it may still use."""

    client: Client
    digest: str = field(repr=False)
    former: str = field(default="", repr=False)
    until: float = 0.0


def clients_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where the clients' keys are kept."""
    return ghostllm_directory(environ) / "clients.json"


class ClientKeys:
    """The clients in the file at ``path``. Every method raises ``ConfigError`` when it is damaged,
    open to others, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = PrivateFile(path, "remove it and make the keys again with `ghostllm keys`")
        self._stamp: Stamp = None
        self._kept: tuple[_Kept, ...] = ()
        self._known: dict[str, _Kept] = {}
        self._trouble: ConfigError | None = None

    def any(self) -> bool:
        """Whether a key was ever made here: a revoked one counts, it must not open the core."""
        self._refresh()
        return bool(self._kept)

    def usable(self, now: float) -> bool:
        """Whether there is a key with which a client could come in."""
        self._refresh()
        clients = [kept.client for kept in self._kept]
        return any(client.revoked is None and not client.expired(now) for client in clients)

    def find(self, secret: str, now: float) -> Client | None:
        """The client whose key ``secret`` is, None when it is nobody's. Always the same work.

        Raises:
            AccessError: the key was right, and its time is over.
        """
        self._refresh()
        digest = _digest(secret)
        kept = self._known.get(digest)
        # The dictionary compares digests, which nobody can choose letter by letter; this compares
        # them once more without leaving early.
        fits = hmac.compare_digest(kept.digest if kept else _NOBODY, digest)
        still = hmac.compare_digest(kept.former if kept else _NOBODY, digest)
        if kept is None or kept.client.revoked is not None:
            return None
        if kept.client.expired(now) or not (fits or (still and now < kept.until)):
            raise AccessError(f"The key of {kept.client.name} has expired: ask for a new one.")
        return kept.client

    def clients(self) -> list[Client]:
        """Every client, revoked ones too, by name."""
        self._refresh()
        return sorted((kept.client for kept in self._kept), key=lambda client: client.name)

    def create(
        self,
        name: str,
        now: float,
        *,
        rates: Rates = FREE,
        daily_limit: float | None = None,
        monthly_limit: float | None = None,
        expires: float | None = None,
    ) -> tuple[Client, str]:
        """A new client, and its key, which nobody can show again. Raises ``InputError``."""
        if not _NAME.fullmatch(name):
            raise InputError(
                "The name of a key is up to 64 letters, digits and . _ @ -, no sign in front."
            )
        _check_limits(rates, daily_limit, monthly_limit)
        secret, number = _new_secret(), f"key-{secrets.token_hex(4)}"
        client = Client(number, name, rates, daily_limit, monthly_limit, now, expires)
        with self._file.changing():
            there = self._read()
            if any(k.client.name == name and k.client.revoked is None for k in there):
                raise InputError(f"There is a key {name} already: rotate or revoke it.")
            rest = [kept for kept in there if kept.client.name != name]
            self._write([*rest, _Kept(client, _digest(secret))])
        return client, secret

    def revoke(self, name: str, now: float) -> Client:
        """From now on no key of ``name`` opens anything. Raises ``InputError``."""
        with self._file.changing():
            kept = self._named(name)
            gone = _Kept(replace(kept.client, revoked=now), kept.digest)
            self._replace(kept, gone)
        return gone.client

    def rotate(self, name: str, now: float, grace: float = 0.0) -> tuple[Client, str]:
        """A new key for ``name``; the one it has opens for ``grace`` more seconds.

        Raises:
            InputError: there is no such key, or its time is over.
        """
        secret = _new_secret()
        with self._file.changing():
            kept = self._named(name)
            if kept.client.expired(now):
                raise InputError(f"The key {name} has expired: revoke it and create another.")
            self._replace(kept, _Kept(kept.client, _digest(secret), kept.digest, now + grace))
        return kept.client, secret

    def _named(self, name: str) -> _Kept:
        living = [kept for kept in self._read() if kept.client.revoked is None]
        for kept in living:
            if name in {kept.client.name, kept.client.id}:
                return kept
        there = ", ".join(sorted(kept.client.name for kept in living)) or "none"
        raise InputError(f"There is no key {name[:64]!r}: there are {there}.")

    def _replace(self, old: _Kept, new: _Kept) -> None:
        self._write([new if kept.client.id == old.client.id else kept for kept in self._read()])

    def _read(self) -> list[_Kept]:
        """What the file says now. An empty list when there is none."""
        content = self._file.read()
        try:
            return [_kept_of(row) for row in content["clients"]] if content else []
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._file.damaged() from None

    def _write(self, kept: list[_Kept]) -> None:
        self._file.write({"clients": [_row_of(one) for one in kept]})

    def _refresh(self) -> None:
        stamp = self._file.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._trouble = None
            try:
                self._kept = tuple(self._read())
            except ConfigError as error:
                self._kept, self._trouble = (), error
            pairs = [(kept.former, kept) for kept in self._kept if kept.former]
            pairs += [(kept.digest, kept) for kept in self._kept]
            self._known = dict(pairs)
        if self._trouble is not None:
            raise self._trouble.with_traceback(None)


def _new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _check_limits(rates: Rates, *dollars: float | None) -> None:
    numbers = (rates.requests_per_minute, rates.tokens_per_minute, rates.max_parallel, *dollars)
    if any(number is not None and not (0 < number < math.inf) for number in numbers):
        raise InputError("A limit is a number above 0; leave it out for no limit.")


def _row_of(kept: _Kept) -> dict[str, Any]:
    client, rates = kept.client, kept.client.rates
    row = {
        "id": client.id,
        "name": client.name,
        "sha256": kept.digest,
        "requests_per_minute": rates.requests_per_minute,
        "tokens_per_minute": rates.tokens_per_minute,
        "max_parallel": rates.max_parallel,
        "daily_limit": client.daily_limit,
        "monthly_limit": client.monthly_limit,
        "created": client.created,
        "expires": client.expires,
        "revoked": client.revoked,
        "former": {"sha256": kept.former, "until": kept.until} if kept.former else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def _kept_of(row: Mapping[str, Any]) -> _Kept:
    """The client that ``row`` describes. Raises ``ValueError`` and its like for another shape.

    A limit that cannot be read must not become none, so nothing is passed over.
    """
    most = _number(row.get("max_parallel"))
    rates = Rates(
        _number(row.get("requests_per_minute")),
        _number(row.get("tokens_per_minute")),
        None if most is None else int(most),
    )
    client = Client(
        _text(row["id"]),
        _text(row["name"]),
        rates,
        _number(row.get("daily_limit")),
        _number(row.get("monthly_limit")),
        _number(row.get("created")) or 0.0,
        _number(row.get("expires")),
        _number(row.get("revoked")),
    )
    former = row.get("former")
    if former is None:
        return _Kept(client, _sha256(row["sha256"]))
    until = _number(former["until"])
    return _Kept(client, _sha256(row["sha256"]), _sha256(former["sha256"]), until or 0.0)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError
    return value


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError
    return value


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError
    return value
