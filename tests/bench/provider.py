"""The fake provider of the tests, in a process of its own so that it takes no time of ours."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from tests.fakes.house import REPOSITORY, House, house

Body = dict[str, Any]

_PATIENCE = 10.0


class Provider:
    """``base_url`` is where it answers."""

    def __init__(self, said: IO[str]) -> None:
        self.base_url = said.readline().strip()
        self._bodies: queue.SimpleQueue[Body] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(said,), daemon=True).start()

    def _listen(self, said: IO[str]) -> None:
        for line in said:
            self._bodies.put(json.loads(line))

    def asked(self) -> Body:
        """The body of the call that it got next, waiting for it. Raises ``queue.Empty``."""
        return self._bodies.get(timeout=_PATIENCE)


@contextmanager
def provider() -> Iterator[Provider]:
    """One that ends with the block."""
    command = [sys.executable, "-m", "tests.fakes.provider"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(process.stdout)
        finally:
            process.terminate()


@contextmanager
def asking(fake: Provider) -> Iterator[House]:
    """A house whose core asks ``fake`` each time: what is kept would cost nothing."""
    with house(None, OPENAI_BASE_URL=fake.base_url, OPENAI_API_KEY="sk-fake") as found:
        place = found.base / "ghostllm"
        place.mkdir(exist_ok=True)
        (place / "config.toml").write_text("[caching]\nenabled = false\n")
        yield found
