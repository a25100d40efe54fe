"""Everything that is an effect, done once in the directory of the first argument.

``test_observer.py`` puts it into a package of the product's name and runs it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path


def files(place: Path) -> None:
    """Each in the way that leaves the least trace: by a handle, by a name from there."""
    handle = os.open(place, os.O_RDONLY)
    os.close(os.open("by-handle", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=handle))
    (place / "by-path").write_text("x")
    os.rename("by-path", "renamed", src_dir_fd=handle, dst_dir_fd=handle)
    os.link("renamed", "linked", src_dir_fd=handle, dst_dir_fd=handle)
    (place / "symbolic").symlink_to("renamed")
    os.chmod("renamed", 0o600, dir_fd=handle)
    os.truncate(place / "renamed", 0)
    os.mkdir("directory", dir_fd=handle)
    os.rmdir("directory", dir_fd=handle)
    os.unlink("linked", dir_fd=handle)


def programs() -> None:
    """Started, forked into, and by a shell."""
    subprocess.run(["true", "run"], check=True)
    subprocess.run("true shell", shell=True, check=True)
    os.system("true system")
    os.waitpid(os.posix_spawn("/bin/true", ["true", "spawned"], {}), 0)
    child = os.fork()
    if child == 0:
        os.execv("/bin/true", ["true", "executed"])
    os.waitpid(child, 0)


def connections(place: Path) -> None:
    """To another machine, which none of these addresses is (RFC 5737), and to a socket."""
    for family, address in (
        (socket.AF_INET, ("192.0.2.1", 9)),
        (socket.AF_UNIX, str(place / "socket")),
    ):
        with socket.socket(family) as one, contextlib.suppress(OSError):
            one.setblocking(False)
            one.connect(address)


if __name__ == "__main__":
    there = Path(sys.argv[1])
    files(there)
    programs()
    connections(there)
