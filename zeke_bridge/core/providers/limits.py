"""How long and how much: every time limit of the core toward the outside, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zeke_bridge.core.pace import Pace


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, but ``answer_bytes``.

    ``first_byte`` is from the request to the first byte of the body (a local model reads a long
    prompt first), ``whole`` the same where nothing comes before all of it is there; after that
    ``silence`` is between two reads, and between the ends of two lines of a stream; ``total`` is
    for a whole call, however lively it is. What the reader of an answer spends between two reads
    counts in none of them. ``listing`` is for a whole list of models, ``starting`` for the local
    model's process, ``upload`` for a request's body, and ``keepalive`` between two comments to a
    client that waits: with the first of them its status is sent, so that an attempt that would
    begin close before it is left out. ``pace`` makes what counts the time of one question.
    """

    connect: float = 5.0
    first_byte: float = 120.0
    whole: float = 600.0
    silence: float = 60.0
    total: float = 1800.0
    listing: float = 4.0
    starting: float = 90.0
    upload: float = 30.0
    keepalive: float = 5.0
    pace: Callable[[], Pace] = Pace
    answer_bytes: int = 64 * 1024 * 1024
