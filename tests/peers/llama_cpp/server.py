"""llama.cpp's own server on a loopback port, as people run it; ends when its input does.

As a program: ``python tests/peers/llama_cpp/server.py MODEL KEY`` prints where it listens when the
model is loaded. ``Llama`` runs it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

NAME = "qwen2.5-coder-0.5b"
# Two threads on two busy cores must not turn round and round for each other; see core.local.child.
_SPIN = {"GOMP_SPINCOUNT": "1000"}


class Llama:
    """Use it in a ``with``; ``base_url`` is where it listens."""

    def __init__(self, model: Path, key: str = "") -> None:
        self.key = key
        self.base_url = ""
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(model), key],
            env={**os.environ, **_SPIN},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Llama:
        self.base_url = self._process.stdout.readline().strip()
        if not self.base_url:
            self.__exit__(None, None, None)
            raise RuntimeError("llama.cpp's server did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def main() -> None:
    """Serve until the input ends."""
    import xllamacpp

    model, key = sys.argv[1:]
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    wanted = xllamacpp.CommonParams()
    wanted.model.path = model
    wanted.model_alias = {NAME}
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = 0  # One that is free.
    wanted.api_keys = [key] if key else []
    wanted.n_ctx, wanted.n_parallel = 16384, 2
    wanted.n_batch = wanted.n_ubatch = 256
    wanted.ui = False
    wanted.verbosity = 2
    server = xllamacpp.Server(wanted)
    answer.write(f"{server.listening_address}\n")
    answer.flush()
    sys.stdin.read()
    os._exit(0 if server else 1)


if __name__ == "__main__":
    main()
