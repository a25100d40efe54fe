"""The child process: llama.cpp's server on a unix socket, until its parent goes.

Run by path, and importing nothing of Zeke, so that it starts quickly. It reads one line of JSON
from stdin: ``model`` (path), ``name``, ``socket``, ``api_key``, ``context`` and ``slots`` (the key
must not stand in a command line, which every user of the machine can read). It answers with one
line, ``ready``, ``missing`` (no llama.cpp here), ``unusable`` and why (it does not load) or nothing
(it died), and ends when stdin does, which happens even when the parent is killed. What llama.cpp
has to say goes to stderr.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, TextIO

# Prompt tokens read between two looks at whether the client is still there, and between two
# tokens of another answer. Reading is as fast as in larger batches.
_BATCH = 256
_PROMPT_CACHE_MIB = 128
# How long a thread turns round and round for the others before it sleeps. With the library's own
# number, two threads that share two cores with anything else come down to one token a second.
_SPIN = "1000"
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve until stdin ends; the status is 0, or 3 without llama.cpp."""
    _die_with_parent(signal.SIGKILL)
    os.umask(0o077)
    # llama.cpp writes to file descriptor 1 too, which belongs to the parent's handshake.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    config = json.loads(sys.stdin.readline())
    os.environ.setdefault("GOMP_SPINCOUNT", _SPIN)
    try:
        import xllamacpp
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == "xllamacpp"
        _say(answer, "missing" if absent else f"unusable {error}")
        return 3
    path = Path(config["socket"])
    path.unlink(missing_ok=True)
    server = xllamacpp.Server(_parameters(xllamacpp, config))
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
    _say(answer, "ready")
    _die_with_parent(0)
    sys.stdin.read()
    path.unlink(missing_ok=True)
    # Not by way of its destructor, which waits for an answer that nobody will read.
    os._exit(0 if server else 1)


def _parameters(xllamacpp: Any, config: dict[str, Any]) -> Any:
    wanted = xllamacpp.CommonParams()
    wanted.model.path = config["model"]
    wanted.model_alias = {config["name"]}
    wanted.hostnames = [config["socket"]]  # one that ends in .sock is a unix socket
    wanted.api_keys = [config["api_key"]]
    wanted.n_ctx = config["context"] * config["slots"]
    wanted.n_parallel = config["slots"]
    wanted.n_batch = wanted.n_ubatch = _BATCH
    wanted.cache_ram_mib = _PROMPT_CACHE_MIB
    wanted.ui = False
    wanted.verbosity = 2  # warnings and errors, nothing of what people ask
    return wanted


def _say(answer: TextIO, word: str) -> None:
    answer.write(f"{word}\n")
    answer.flush()


def _die_with_parent(number: int) -> None:
    """Make Linux end this process with its parent, by signal ``number``; 0 takes it back.

    Only needed while the model loads: that holds the interpreter's lock, so that nobody sees the
    end of stdin. Later the socket is taken away first.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


if __name__ == "__main__":
    sys.exit(main())
