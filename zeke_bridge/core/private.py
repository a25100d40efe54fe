"""A JSON file that only its owner can read: for keys, and for what is known of keys.

Written whole or not at all, and never through a link. Nothing of its content gets into an error.
Does not know what the content means.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import ConfigError

Stamp = tuple[int, int, int] | None
"""Changes whenever the file or its rights do; None: no file. Zeros: it is out of reach."""

_LOCKED_S = 5.0
_PAUSE_S = 0.02
# Not waiting for whoever writes, should it be a pipe.
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PrivateFile:
    """The file at ``path``, an object of JSON. Every method but ``stamp`` raises ``ConfigError``.

    ``remedy`` ends the sentence that says that the file is damaged.
    """

    def __init__(self, path: Path, remedy: str) -> None:
        self.path = path
        self._remedy = remedy

    def stamp(self) -> Stamp:
        """What to compare with, to learn whether the file has changed."""
        try:
            found = os.stat(self.path, follow_symlinks=False)  # noqa: PTH116 - on the hot path
        except FileNotFoundError:
            return None
        except OSError:
            return 0, 0, 0
        return found.st_ctime_ns, found.st_ino, found.st_size

    def read(self) -> dict[str, Any]:
        """What is in it, nothing when there is no file."""
        try:
            handle = os.open(self.path, _READING)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error.strerror}.") from error
        try:
            self._check(os.fstat(handle))
            with os.fdopen(handle, encoding="utf-8", closefd=False) as file:
                content = json.load(file)
        except (OSError, ValueError, RecursionError):
            content = None
        finally:
            os.close(handle)
        if not isinstance(content, dict):
            # Outside of the handler: the error's cause could quote the file.
            raise self.damaged()
        return content

    def write(self, content: Mapping[str, Any]) -> None:
        """Put ``content`` in the place of what was there."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{self.path.stem}.", dir=self.path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(dict(content), file, indent=1, sort_keys=True)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.path)
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}.") from error

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Only one process at a time reads it in order to write it. Not to be nested.

        The directory is locked, because the file itself is replaced.
        """
        directory = self.path.parent
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise ConfigError(f"{directory} cannot be used: {error.strerror}.") from error
        try:
            self._wait(handle)
            yield
        finally:
            os.close(handle)

    def damaged(self) -> ConfigError:
        """The error for content that is not what was once written; it quotes nothing."""
        return ConfigError(f"{self.path} is damaged: {self._remedy}.")

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{self.path} is not a file: remove it.")
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise ConfigError(
                f"{self.path} holds keys and is open to others: run `chmod 600 {self.path}`."
            )

    def _wait(self, handle: int) -> None:
        # flock(2) has no time limit of its own, and a stopped process may hold it for ever.
        end, pause = time.monotonic() + _LOCKED_S, threading.Event()
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise ConfigError(
                        f"Another process is changing {self.path}: try again."
                    ) from None
                pause.wait(_PAUSE_S)
            else:
                return
