"""What only the fetching itself shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.core.local.hub import Patience, Wanted, check_url, fetch
from zeke_bridge.core.local.partial import Partial
from zeke_bridge.model.errors import (
    BadAnswerError,
    InputError,
    TimedOutError,
    UnreachableError,
)

QUICK = Patience(head=0.2, silence=0.2)
SILENCE = Patience(head=30.0, silence=0.2)
PATIENT = Patience(head=30.0, silence=30.0)


def _nothing(_done: int, _total: int) -> None:
    pass


def test_a_file_that_is_whole_already_is_accepted(hub: Any, tmp_path: Path) -> None:
    partial = Partial(tmp_path / "x")
    partial.path.write_bytes(hub.content)
    fetch(Wanted(hub.url, sha256="known"), partial, _nothing, PATIENT)
    assert partial.path.read_bytes() == hub.content


def test_more_than_there_can_be_is_dropped(hub: Any, tmp_path: Path) -> None:
    partial = Partial(tmp_path / "x")
    partial.path.write_bytes(hub.content + b"too much")
    with pytest.raises(BadAnswerError, match="has changed"):
        fetch(Wanted(hub.url, sha256="known"), partial, _nothing, PATIENT)
    assert partial.size == 0


def test_a_server_that_takes_the_call_and_is_silent_costs_the_limit(
    hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent: list[bool] = []
    monkeypatch.setattr("httpx.Client.send", lambda *_, **__: silent.append(hub.release.wait(60)))
    with pytest.raises(UnreachableError, match=r"did not answer in 0.2 seconds"):
        fetch(Wanted(hub.url), Partial(tmp_path / "x"), _nothing, QUICK)
    assert silent == []  # It still says nothing, and nobody waits for it.


def test_silence_in_the_middle_keeps_what_came(hub: Any, tmp_path: Path) -> None:
    hub.hold_after = 1000
    partial = Partial(tmp_path / "x")
    with pytest.raises(TimedOutError, match="went silent"):
        fetch(Wanted(hub.url), partial, _nothing, SILENCE)
    assert partial.path.read_bytes() == hub.content[:1000]


@pytest.mark.parametrize("url", ["https://h/x", "http://127.0.0.1/x", "http://[::1]:8/x"])
def test_safe_urls(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("url", ["http://h/x", "http://10.0.0.1/x", "file:///etc/passwd", "x"])
def test_unsafe_urls(url: str) -> None:
    with pytest.raises(InputError):
        check_url(url)
