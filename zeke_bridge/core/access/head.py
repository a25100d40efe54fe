"""What the guard needs of a request's headers, read in one pass and within limits. Pure.

Names are in lower case, as ASGI has them.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST = 100
"""How many headers there may be."""
LONGEST = 32 * 1024
"""How many bytes, names and values together."""

_WANTED = frozenset(
    {
        b"host",
        b"origin",
        b"authorization",
        b"x-api-key",
        b"api-key",
        b"content-length",
        b"transfer-encoding",
        b"access-control-request-method",
        b"access-control-request-headers",
    }
)


class Head:
    """The wanted headers; one that came several times is in ``twice`` and has its first value."""

    __slots__ = ("twice", "values")

    def __init__(self, values: dict[bytes, bytes], twice: frozenset[bytes]) -> None:
        self.values = values
        self.twice = twice

    @staticmethod
    def read(headers: Iterable[tuple[bytes, bytes]]) -> Head | None:
        """The head; None when there are too many headers, or too long ones."""
        values: dict[bytes, bytes] = {}
        twice: set[bytes] = set()
        count = size = 0
        for name, value in headers:
            count += 1
            size += len(name) + len(value)
            if name in _WANTED:
                if name in values:
                    twice.add(name)
                else:
                    values[name] = value
        if count > MOST or size > LONGEST:
            return None
        return Head(values, frozenset(twice) if twice else frozenset())

    def length(self) -> int | None:
        """The body's length as announced, -1 when it is nonsense, None when it is not said."""
        text = self.values.get(b"content-length")
        if text is None:
            return None
        plain = text.isdigit() and len(text) <= 18 and b"content-length" not in self.twice
        return int(text) if plain else -1

    def chunked(self) -> bool:
        """Whether the body comes without a length that could be trusted."""
        return b"transfer-encoding" in self.values

    def secret(self) -> str:
        """The key that came with the request, empty when there is none or more than one.

        As OpenAI's clients send it (``Authorization: Bearer``), Anthropic's (``x-api-key``) or
        Azure's (``api-key``).
        """
        scheme, _, given = self.values.get(b"authorization", b"").strip().partition(b" ")
        name = b"authorization"
        if scheme.lower() != b"bearer" or not given.strip():
            name = b"x-api-key" if b"x-api-key" in self.values else b"api-key"
            given = self.values.get(name, b"")
        if name in self.twice:
            return ""
        return given.strip().decode("utf-8", "surrogateescape")
