"""Which ``Host`` and ``Origin`` a request may have. Pure.

A page in a browser can have a name of its own point at this machine (DNS rebinding) and so read
what the core answers; its name then stands in ``Host``. ``Origin`` says which page asks
(https://www.rfc-editor.org/rfc/rfc6454).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

_PLACE = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[a-zA-Z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#@\s]+)")
_EVERYWHERE = frozenset({"", "0.0.0.0", "[::]"})  # noqa: S104 - compared, not listened on


class Places:
    """What counts as this core's own address, and which pages may use it.

    ``host`` is where it listens, ``origins`` the pages that the user named, like
    ``https://notes.example``.
    """

    def __init__(self, host: str, origins: Iterable[str] = ()) -> None:
        self._own = _bracketed(host.lower())
        named = [text.strip().rstrip("/").lower() for text in origins]
        # Not only http: an extension of a browser has a scheme of its own. Never ``*`` or ``null``.
        self._origins = frozenset(origin for origin in named if "://" in origin)
        self._hosts = frozenset(
            found[2] for origin in self._origins if (found := _ORIGIN.fullmatch(origin))
        )

    def serves(self, host: bytes, *, keyless: bool) -> bool:
        """Whether a request for ``host``, a ``Host`` header, is meant for this core.

        Where every client needs a key and the core listens on every address, any well-formed name
        will do: the page that makes one up has no key.
        """
        place = _place(host)
        if place is None:
            return False
        name, whole = place
        if _is_loopback(name) or name == self._own or whole in self._hosts:
            return True
        return not keyless and self._own in _EVERYWHERE

    def allows(self, origin: bytes, host: bytes) -> bool:
        """Whether the page ``origin`` may ask; ``host`` is the request's own, already allowed."""
        if self.named(origin):
            return True
        found = _ORIGIN.fullmatch(origin.decode("latin-1").lower())
        place = _place(found[2].encode("latin-1")) if found else None
        if place is None:
            return False
        own = _place(host)
        return _is_loopback(place[0]) or (own is not None and own[1] == place[1])

    def named(self, origin: bytes) -> bool:
        """Whether the user named this page."""
        return origin.decode("latin-1").lower() in self._origins


@lru_cache(maxsize=256)
def _place(host: bytes) -> tuple[str, str] | None:
    """The name in ``host``, alone and with its port, in lower case; None when it is malformed."""
    found = _PLACE.fullmatch(host.decode("latin-1").lower())
    if found is None or int(found[2] or 0) > 65535:
        return None
    name = found[1].removesuffix(".")
    return (name, name if found[2] is None else f"{name}:{int(found[2])}") if name else None


@lru_cache(maxsize=256)
def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host.strip('[]')}]" if ":" in host else host
