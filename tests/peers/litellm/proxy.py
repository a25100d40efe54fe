"""A real LiteLLM proxy on a free loopback port, in front of a fake provider."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import threading
from pathlib import Path
from types import TracebackType

START_S = 90.0
# What LiteLLM calls each model, and what the fake provider behind it does.
MODELS = {
    "gpt-4o": "echo",
    "openai/gpt-4o-mini": "echo",
    "slowly": "held",
    "caller": "tools",
    "broken": "boom500",
    "too-long": "long400",
    "text-embedding-3-small": "text-embedding-fake",
}
_LISTENS = re.compile(r"Uvicorn running on (http://\S+)")


class LiteLLM:
    """Use it in a ``with``; ``base_url`` and ``key`` are what a client needs.

    It sees none of the user's environment and cannot reach anything but this machine.
    """

    def __init__(self, program: Path, directory: Path, upstream: str) -> None:
        self.key = f"sk-{secrets.token_hex(24)}"
        self.base_url = ""
        self._log = directory / "litellm.log"
        self._ready = threading.Event()
        config = directory / "litellm.yaml"
        config.write_text(_config(upstream))
        nowhere = "http://127.0.0.1:9"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "LITELLM_MASTER_KEY": self.key,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOCAL_BLOG_POSTS": "True",
            "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
        }
        place = ("--host", "127.0.0.1", "--port", "0", "--telemetry", "False")
        self._process = subprocess.Popen(
            [str(program), "--config", str(config), *place],
            env=environment,
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> LiteLLM:
        self._reader.start()
        in_time = self._ready.wait(START_S)
        if not self.base_url:
            self.__exit__(None, None, None)
            why = "ended" if in_time else f"did not start in {START_S:g} s"
            raise RuntimeError(f"LiteLLM {why}:\n{self._log.read_text()[-4000:]}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def _read(self) -> None:
        """Write down what it says, so that it never waits for a reader."""
        with self._log.open("w") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                if found := _LISTENS.search(line):
                    self.base_url = found[1]
                    self._ready.set()
        self._ready.set()


def _config(upstream: str) -> str:
    lines = ["model_list:"]
    for name, behaviour in MODELS.items():
        way = f"{{model: openai/{behaviour}, api_base: '{upstream}', api_key: sk-upstream}}"
        lines += [f"  - model_name: {name}", f"    litellm_params: {way}"]
    # What fails is shown at once: how often it is tried is the core's own affair.
    lines += ["litellm_settings: {telemetry: false, num_retries: 0, request_timeout: 60}"]
    lines += ["router_settings: {num_retries: 0, disable_cooldowns: true}"]
    return "\n".join(lines) + "\n"
