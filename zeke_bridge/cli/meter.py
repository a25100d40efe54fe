"""How far a download is, for a person: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from zeke_bridge.core.local.catalog import in_words

_STEP = 10


class Meter:
    """A progress bar on a terminal; elsewhere a line every ten percent."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            disable=not _is_terminal(),
        )
        self._task = self._bar.add_task("model", total=None)
        self._shown = -1

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, done: int, total: int) -> None:
        """``done`` of ``total`` bytes are here; a total of 0 is unknown."""
        self._bar.update(self._task, completed=done, total=total or None)
        step = done * 100 // total // _STEP * _STEP if total else 0
        if self._bar.disable and step > self._shown:
            self._shown = step
            typer.echo(f"{step:>3} %  {in_words(done)} of {in_words(total)}")

    def say(self, sentence: str) -> None:
        """A sentence, above the bar."""
        if self._bar.disable:
            typer.echo(sentence)
        else:
            self._bar.console.print(sentence)


def _is_terminal() -> bool:
    return sys.stdout.isatty()
