"""The project's consent file: read and written back it is the same, and it always restricts."""

from __future__ import annotations

from zeke_bridge.store.format import MAX_DENIES, dump, parse, restrictions
from zeke_bridge.warden.strict import StrictError


def check(data: bytes) -> None:
    """Raise ``AssertionError`` when reading ``data`` breaks a promise."""
    left = restrictions(data)
    left.compiled()
    assert not left.grants
    assert len(left.denies) <= MAX_DENIES
    try:
        found = parse(data)
    except StrictError as error:
        assert str(error).isprintable()
        return
    found.compiled()
    assert parse(dump(found)) == found
    assert set(left.denies) == set(found.denies)
    assert left.local_only == found.local_only
