"""The directories on the way to a new file: made when they are missing, taken back on failure.

Below a held directory and through no link. Does not know what is put there.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from zeke_bridge.model.errors import ChangedError
from zeke_bridge.workspace.files.beneath import DIRECTORY


@contextmanager
def way(start: int, missing: tuple[str, ...]) -> Iterator[int]:
    """Make the directories ``missing`` below ``start`` and give the handle of the last.

    Those that were made here, and are empty still, are gone again when the body fails.

    Raises:
        ChangedError: something else than a directory is there now.
    """
    handles = [os.dup(start)]
    made: list[int] = []
    try:
        for depth, name in enumerate(missing):
            # Another approved file of the same new directory may have made it.
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=handles[-1])
                made.append(depth)
            try:
                handles.append(os.open(name, DIRECTORY, dir_fd=handles[-1]))
            except (NotADirectoryError, FileNotFoundError) as error:
                raise ChangedError("The directory was replaced since you approved it.") from error
        yield handles[-1]
        for depth in made:
            sync(handles[depth])
    except BaseException:
        for depth in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(missing[depth], dir_fd=handles[depth])
        raise
    finally:
        for handle in handles:
            os.close(handle)


def sync(directory: int) -> None:
    """Make the names in it last; a directory that cannot be synced is no reason to fail."""
    with contextlib.suppress(OSError):
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
