"""Whether to ask a provider once more, and after how long. Pure: chance comes in from outside.

Only for questions whose answer has not begun: a half answer cannot be taken back.
"""

from __future__ import annotations

from zeke_bridge.model.errors import CoreError, OverloadedError, RateLimitError

ATTEMPTS = 3
_FIRST = 0.5
_GROWTH = 4.0


def pause(error: CoreError, attempt: int, jitter: float, left: float) -> float | None:
    """Seconds to wait after ``attempt`` (counted from 1) has failed with ``error``.

    None: give up, because asking again would not help, has been tried often enough, or would take
    longer than the ``left`` seconds. What the server asked for is what it gets; else the wait grows
    from attempt to attempt, and ``jitter``, a random number in [0, 1), keeps clients from coming
    back all at once.
    """
    if not error.retryable or attempt >= ATTEMPTS:
        return None
    told = error.retry_after if isinstance(error, RateLimitError | OverloadedError) else None
    wait = _FIRST * _GROWTH ** (attempt - 1) * (0.5 + jitter / 2) if told is None else told
    return wait if wait <= left else None
