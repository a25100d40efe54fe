"""How long and how much: every time limit of the core toward the outside, as one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, but ``answer_bytes``.

    ``first_byte`` is from the request to the first byte of the body (a local model reads a long
    prompt first), ``silence`` between two reads after that, ``listing`` for a whole list of
    models, ``starting`` for the local model's process, ``upload`` for a request's body, and
    ``keepalive`` between two comments to a client that waits.
    """

    connect: float = 5.0
    first_byte: float = 120.0
    silence: float = 60.0
    listing: float = 4.0
    starting: float = 90.0
    upload: float = 30.0
    keepalive: float = 5.0
    answer_bytes: int = 64 * 1024 * 1024
