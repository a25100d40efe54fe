"""What is remembered: approvals by exact target, and refusals.

Indexes are built once and looked up in constant time. Also here: the canonical text that stands
for the aim of an action in a grant. Does not know where grants are kept.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from zeke_bridge.model.action import CHANGING_OPS, FILE_OPS, Action, Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.model.target import Facts
from zeke_bridge.warden.match import DenyPattern

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "ssh": 22, "git": 9418}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class GrantIndex:
    """Grants by (op, subject, target); of several for one, the one that lasts longest."""

    __slots__ = ("_by_key", "grants")

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        self.grants = tuple(grants)
        by_key: dict[tuple[Op, str, str], Grant] = {}
        for grant in self.grants:
            key = (grant.op, grant.subject, grant.target)
            known = by_key.get(key)
            if known is None or _end(grant) > _end(known):
                by_key[key] = grant
        self._by_key = by_key

    def find(self, op: Op, subject: str, target: str, now: float) -> Grant | None:
        """Return the grant for exactly this, if it still holds at ``now``."""
        grant = self._by_key.get((op, subject, target))
        return grant if grant is not None and now < _end(grant) else None


@dataclass(frozen=True, slots=True)
class Grants:
    """The session's approvals and the project's."""

    session: GrantIndex = field(default_factory=GrantIndex)
    project: GrantIndex = field(default_factory=GrantIndex)


@dataclass(frozen=True, slots=True)
class Deny:
    """One refusal of a project: ``pattern`` by ``op``; for ``write`` it covers every change."""

    op: Op
    pattern: DenyPattern

    def covers_op(self, ops: frozenset[Op]) -> bool:
        """Say whether this refusal is about something that does all of ``ops``."""
        return self.op in ops or (self.op is Op.WRITE and not CHANGING_OPS.isdisjoint(ops))


@dataclass(frozen=True, slots=True)
class Denies:
    """``remembered``: (family, target) pairs the person refused for the session."""

    remembered: frozenset[tuple[str, str]] = frozenset()
    project: tuple[Deny, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectMemory:
    """One project's consent file as it counts now.

    ``state``: ``none`` (no file), ``trusted``, ``untrusted`` (its hash is not in the ledger) or
    ``broken``. ``listed`` is what the file says, ``grants`` what of it counts. ``notice`` is one
    sentence for the person, or empty. ``rejected``: the person has turned this very file down.
    ``doubtful``: the file forbids more than could be read, so that no rule may allow anything.
    """

    state: str = "none"
    hash: str = ""
    listed: tuple[Grant, ...] = ()
    grants: GrantIndex = field(default_factory=GrantIndex)
    denies: tuple[Deny, ...] = ()
    local_only: bool = False
    notice: str = ""
    rejected: bool = False
    doubtful: bool = False


def family(op: Op) -> str:
    """Return what three refusals of one target count for: any change of a file is one family."""
    return "change" if op in CHANGING_OPS else op.value


def target_text(action: Action, facts: Facts) -> str:
    """Return the exact target as grants name it: canonical path, or canonical JSON of the parts.

    Raises:
        ValueError: the action has no canonical target (a malformed URL, missing facts).
    """
    if action.op is Op.RENAME:
        if facts.target is None or facts.to is None:
            raise ValueError("a rename needs two paths")
        return _canonical([facts.target.path, facts.to.path])
    if action.op in FILE_OPS:
        if facts.target is None:
            raise ValueError("the path was not resolved")
        return facts.target.path
    if action.op is Op.EXECUTE:
        cwd = facts.cwd.path if facts.cwd is not None else ""
        parts: Mapping[str, object] = {
            "argv": list(action.argv),
            "cwd": cwd,
            "env": sorted(list(pair) for pair in action.env),
            "program": facts.program,
        }
        return _canonical(parts)
    if action.op is Op.NETWORK:
        scheme, host, port = endpoint(action.url)
        return f"{scheme}://{host}:{port}"
    if action.tool_sha256:
        return _canonical({"sha256": action.tool_sha256, "tool": action.tool})
    return action.tool


def endpoint(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of ``url``; IPv6 hosts in brackets.

    Raises:
        ValueError: anything that two programs might read differently.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("the URL holds spaces, backslashes or characters beyond ASCII")
    parts = urlsplit(url)
    if "@" in parts.netloc or "%" in parts.netloc or not parts.hostname:
        raise ValueError("the URL has no plain host")
    scheme, host = parts.scheme.lower(), parts.hostname
    port = _PORTS.get(scheme, 0) if parts.port is None else parts.port
    if not scheme or not port:
        raise ValueError("the URL names no port and its scheme has none")
    if parts.netloc.startswith("["):
        address = ipaddress.IPv6Address(host)
        mapped = address.ipv4_mapped
        return scheme, str(mapped) if mapped else f"[{address}]", port
    return scheme, _host(host), port


def _host(name: str) -> str:
    """Return the one spelling of a host that is no IPv6 address."""
    host = name.removesuffix(".")
    if not _HOST.fullmatch(host) or ".." in host:
        raise ValueError("the URL's host is not a host name")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # Resolvers also take 127.1, 0x7f000001 and 0177.0.0.1 for addresses.
        return str(ipaddress.IPv4Address(host))
    return host


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _end(grant: Grant) -> float:
    return float("inf") if grant.expires is None else grant.expires
