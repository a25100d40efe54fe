"""Systems that lack something, and a rival who acts in the very moment before a rename."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from zeke_bridge.workspace.files import fresh, libc, moves


def no_rename2(monkeypatch: pytest.MonkeyPatch, number: int = errno.EINVAL) -> None:
    def refuse(name: str, *arguments: object) -> int:
        if name == "renameat2":
            raise OSError(number, os.strerror(number))
        return libc.call(name, *arguments)

    monkeypatch.setattr(moves, "call", refuse)


def no_nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "_NAMELESS", 0)


def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **more: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is missing."""


def no_nameless_nor_rename2(monkeypatch: pytest.MonkeyPatch) -> None:
    no_nameless(monkeypatch)
    no_rename2(monkeypatch)


def nothing_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    no_nameless_nor_rename2(monkeypatch)
    no_links(monkeypatch)


SYSTEMS = [full, no_nameless, no_rename2, no_links, no_nameless_nor_rename2, nothing_at_all]


def just_before_rename(monkeypatch: pytest.MonkeyPatch, *rivals: Callable[[], object]) -> list[str]:
    """Let the first rival act before the first call, the second before the second, and so on."""
    waiting = list(rivals)
    acted: list[str] = []

    def call(name: str, *arguments: object) -> int:
        if waiting:
            acted.append(name)
            waiting.pop(0)()
        return libc.call(name, *arguments)

    monkeypatch.setattr(moves, "call", call)
    return acted
