"""Searching the lines of given files of a project, by a regular expression.

Asked of ripgrep where there is one, else of a child of our own: a pattern can be such that to match
it takes for ever, and a child can be ended. Neither reads a configuration, or decides which files
to look at. Takes up to some seconds, so it belongs into a thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zeke_bridge.model.errors import InputError
from zeke_bridge.workspace import matching
from zeke_bridge.workspace.process.program import clean_path, find_program

LIMIT_S = 10.0
MOST_BYTES = 4 * 1024 * 1024
"""Of what is found."""
MOST_FILE = 1024 * 1024
"""Bytes of a file that is looked at; a longer one is no source."""
MOST_LINE = 400
"""Characters that are kept of a line."""
_FLAGS = (
    "--no-config", "--no-messages", "--no-ignore", "--hidden", "--color=never", "--no-heading",
    "--with-filename", "--line-number", "--null", "--sort=path",
)  # fmt: skip
# ripgrep's own exit status (rg(1)): 0 found, 1 nothing found, 2 an error.
_ERROR = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """Line number ``line`` (from 1) of the file at ``path`` (from the root)."""

    path: str
    line: int
    text: str


def search(root: str, pattern: str, names: Sequence[str], most: int) -> tuple[Hit, ...]:
    """The first ``most`` lines that match in the files ``names`` (from ``root``), file by file.

    What is no plain file by its very name, without a link on the way, is passed over. Raises
    ``InputError`` for a pattern that is none, and when it takes too long.
    """
    plain = [name for name in names if _is_plain(root, name)]
    if not plain:
        return ()
    program = find_program("rg", root, root, os.environ).path
    if program:
        return _asked_ripgrep(program, root, pattern, plain, most)
    return _asked_child(root, pattern, plain, most)


def _asked_ripgrep(
    program: str, root: str, pattern: str, names: Sequence[str], most: int
) -> tuple[Hit, ...]:
    files = (f"./{name}" for name in names)
    command = [program, *_FLAGS, f"--max-count={most}", f"--regexp={pattern}", "--", *files]
    heard = _heard(root, command, b"")
    if heard.status == _ERROR and not heard.output:
        raise InputError(f"This is no regular expression: {heard.complaint}")
    hits: list[Hit] = []
    for line in heard.output.split(b"\n"):
        name, nul, rest = line.partition(b"\0")
        number, colon, text = rest.partition(b":")
        # What is not of this form says that a file is no text.
        if nul and colon and number.isdigit() and len(hits) < most:
            path = os.fsdecode(name).removeprefix("./")
            hits.append(Hit(path, int(number), _line(text)))
    return tuple(hits)


def _asked_child(root: str, pattern: str, names: Sequence[str], most: int) -> tuple[Hit, ...]:
    asked = {"pattern": pattern, "names": names, "most": most, "bytes": MOST_FILE}
    command = [sys.executable, "-I", "-S", matching.__file__]
    heard = _heard(root, command, json.dumps(asked).encode("ascii"))
    hits: list[Hit] = []
    for line in heard.output.splitlines():
        said = json.loads(line)
        if isinstance(said, str):
            raise InputError(f"This is no regular expression: {said}.")
        path, number, text = said
        hits.append(Hit(path, number, _line(text.encode("utf-8", "surrogatepass"))))
    return tuple(hits)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a child printed; ``complaint`` is the end of its error output, on one line."""

    status: int
    output: bytes
    complaint: str


def _heard(root: str, command: Sequence[str], given: bytes) -> _Heard:
    """Run it in ``root`` until it ends, has printed enough, or is late. Raises ``InputError``."""
    late = threading.Event()
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as errors:
        source.write(given)
        source.seek(0)
        try:
            process = subprocess.Popen(
                command,
                cwd=root,
                env={"PATH": os.pathsep.join(clean_path(root, os.environ)), "LC_ALL": "C.UTF-8"},
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise InputError("The search could not be started.") from error
        with _ended_in_time(process, late):
            output = process.stdout.read(MOST_BYTES) if process.stdout is not None else b""
            more = len(output) == MOST_BYTES
        if late.is_set():
            raise InputError(f"The search took over {LIMIT_S:g} seconds; search for less.")
        errors.seek(0)
        complaint = errors.read(2000).decode("utf-8", "replace").split()
    # The last line may be cut.
    whole = output if not more else output[: output.rfind(b"\n") + 1]
    return _Heard(process.returncode, whole, " ".join(complaint))


@contextlib.contextmanager
def _ended_in_time(process: subprocess.Popen[bytes], late: threading.Event) -> Iterator[None]:
    """End it and all it has started: at the end of the block, or when its time is over."""

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(LIMIT_S, end)
    timer.start()
    try:
        with process:
            yield
            if process.stdout is not None and process.stdout.read(1):
                _kill(process)
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _is_plain(root: str, name: str) -> bool:
    """Whether it is a regular file where it says, of a size; no link leads there."""
    path = Path(root, name)
    try:
        found = path.lstat()
        fits = stat.S_ISREG(found.st_mode) and found.st_size <= MOST_FILE
        return fits and os.path.realpath(path) == str(path)
    except (OSError, ValueError):
        return False


def _line(text: bytes) -> str:
    line = text.decode("utf-8", "replace").removesuffix("\r")
    return line if len(line) <= MOST_LINE else f"{line[: MOST_LINE - 1]}…"
