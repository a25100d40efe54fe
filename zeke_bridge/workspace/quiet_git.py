"""Git, asked in a way that runs nothing of the repository.

A repository can name programs in its own configuration (file watchers, hooks, filters, transports
of missing objects, programs that check signatures). None of them is run: everything that executes
is switched off on the command line and in the environment, which count before the repository's
files. Nor is a repository asked that is not the project's own (``own_git``). Ask only what reads.
Blocks for some milliseconds, so it belongs into a thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zeke_bridge.workspace.own_git import is_own

LIMIT_S = 3.0
MOST = 1024 * 1024
_NO_REPOSITORY = 128
"""What git exits with where there is none."""
_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.pager=cat",
    "log.showSignature=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone fetches what is missing, by whatever transport it names.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What git printed and its exit status; not ``whole``: it had more to say than was wanted."""

    status: int
    output: bytes
    whole: bool = True


def ask(root: str, *arguments: str, most: int = MOST) -> Said | None:
    """Run git in ``root`` and take up to ``most`` bytes of what it prints.

    Another project's repository is none, see ``own_git``. None when there is no git, or no answer
    in ``LIMIT_S`` seconds. Never raises.
    """
    path = _clean_path(root)
    program = shutil.which("git", path=path)
    if program is None:
        return None
    if not is_own(root):
        return Said(_NO_REPOSITORY, b"")
    settings = (part for setting in _CONFIG for part in ("-c", setting))
    try:
        process = subprocess.Popen(
            [program, "--no-pager", *settings, *arguments],
            cwd=root,
            env=_environment(root, path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    return _heard(process, most)


def _heard(process: subprocess.Popen[bytes], most: int) -> Said | None:
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(LIMIT_S, end)
    timer.start()
    try:
        with process:
            output = process.stdout.read(most + 1) if process.stdout is not None else b""
            if len(output) > most:
                _kill(process)
    finally:
        timer.cancel()
    if late.is_set():
        return None
    if len(output) > most:
        return Said(0, output[:most], whole=False)
    return Said(process.returncode, output)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and all that it may have started: a pipe that one of them holds is waited for."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _environment(root: str, path: str) -> dict[str, str]:
    """Return what git gets: the person's own configuration counts, nothing else does."""
    own = {name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ}
    # The repository is the one whose root this is, not one above, and its files are here.
    place = {"GIT_CEILING_DIRECTORIES": str(Path(root).parent), "GIT_WORK_TREE": root}
    return {**_ENVIRONMENT, **own, **place, "PATH": path}


def _clean_path(root: str) -> str:
    """Return ``$PATH`` without relative directories and those of the project."""
    below = os.path.realpath(root)
    return os.pathsep.join(_outside(os.environ.get("PATH", os.defpath).split(os.pathsep), below))


def _outside(directories: Sequence[str], below: str) -> Iterator[str]:
    for directory in directories:
        real = Path(os.path.realpath(directory))
        if Path(directory).is_absolute() and not real.is_relative_to(below):
            yield directory
