"""Stands in for the Python that starts a broker: asks a fake broker to listen, then says ready.

``launcher.py CONTROL_SOCKET …``: connects there, reads one line, prints it; a line that begins
with ``!`` is a failure and goes to standard error.
"""

from __future__ import annotations

import socket
import sys


def main() -> int:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.connect(sys.argv[1])
        answer = b""
        while not answer.endswith(b"\n"):
            piece = control.recv(4096)
            if not piece:
                break
            answer += piece
    text = answer.decode()
    if text.startswith("!"):
        sys.stderr.write(text[1:])
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
