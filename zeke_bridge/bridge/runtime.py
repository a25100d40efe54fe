"""Where the broker's socket, lock and token live, and that nobody else can reach them.

The rule is written twice, here and in ``lua/zeke/runtime.lua``, because an editor must find the
socket without starting Python. Knows nothing of what is said over the socket.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from zeke_bridge.model.errors import BrokerError

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL.
MAX_SOCKET_PATH = 103


@dataclass(frozen=True, slots=True)
class Runtime:
    """The files of one user's broker, all inside one private directory."""

    directory: Path

    @property
    def socket(self) -> Path:
        """The broker's listening socket."""
        return self.directory / "broker.sock"

    @property
    def lock(self) -> Path:
        """Held by the one broker that runs, and by whoever is starting one."""
        return self.directory / "broker.lock"

    @property
    def token(self) -> Path:
        """What a client shows in ``hello``: hex, made anew by each broker."""
        return self.directory / "token"

    @property
    def core_socket(self) -> Path:
        """The embedded routing core."""
        return self.directory / "core.sock"


def locate() -> Runtime:
    """Say where the runtime directory is, by the rule above; nothing is made or checked."""
    chosen = os.environ.get("ZEKE_RUNTIME_DIR")
    if chosen:
        return Runtime(Path(chosen))
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and Path(session).is_dir():
        return Runtime(Path(session) / "zeke")
    # $TMPDIR is not asked: two programs of one user must agree, and it often differs.
    return Runtime(Path("/tmp") / f"zeke-{os.getuid()}")  # noqa: S108 - made and checked 0700


def check(runtime: Runtime) -> None:
    """Raise ``BrokerError`` unless the directory is real, private and this user's own."""
    directory = runtime.directory
    try:
        found = directory.lstat()
    except OSError as error:
        raise BrokerError(f"{directory} cannot be read: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode):
        raise BrokerError(f"{directory} is not a directory: remove it, then try again.")
    if found.st_uid != os.getuid():
        raise BrokerError(f"{directory} belongs to another user: set ZEKE_RUNTIME_DIR elsewhere.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise BrokerError(f"{directory} is open to others: run `chmod 700 {directory}`.")
    if len(os.fsencode(runtime.core_socket)) > MAX_SOCKET_PATH - 4:
        raise BrokerError(f"{directory} is too long a path for a socket: set ZEKE_RUNTIME_DIR.")


def prepare() -> Runtime:
    """Make the runtime directory when it is missing, check it, and return it."""
    runtime = locate()
    runtime.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    check(runtime)
    return runtime


def write_private(path: Path, text: str) -> None:
    """Put ``text`` into ``path`` (0600) in one step: a reader sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def new_token(runtime: Runtime) -> str:
    """Make and store the token that clients of this broker must show."""
    token = secrets.token_hex(32)
    write_private(runtime.token, token)
    return token


def read_token(runtime: Runtime) -> str:
    """The running broker's token; ``BrokerError`` when there is none."""
    try:
        return runtime.token.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BrokerError("No broker is running: start one with `zeke broker run`.") from error
