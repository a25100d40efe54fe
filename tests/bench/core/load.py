"""Load from wrk, and the time to the first token by a small client of our own."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.core.provider import EVENTS
from tests.bench.core.rivals import LOADING, Rival, pin

# Every question is the same, and no answer may come from a cache or be shared.
_SCRIPT = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Cache-Control"] = "no-store"
{key}
wrk.body = {body}
"""
_LATENCY = re.compile(r"\s50%\s+([\d.]+)(us|ms|s)")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRONG = re.compile(r"(Non-2xx or 3xx responses|Socket errors).*")
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Load:
    """``rate`` in answers a second, ``latency_ms`` the median of one answer."""

    rate: float
    latency_ms: float


def load(rival: Rival, connections: int, seconds: float, *, stream: bool = False) -> Load:
    """Ask ``rival`` over ``connections`` at once for ``seconds``. Raises if anything goes wrong."""
    key = f'wrk.headers["Authorization"] = "Bearer {rival.key}"' if rival.key else ""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        body = json.dumps(json.dumps(_question(rival, stream=stream)))
        script.write(_SCRIPT.format(key=key, body=body))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"]
        said = subprocess.run(
            [*command, "--latency", "-s", script.name, rival.url],
            check=True,
            capture_output=True,
            text=True,
            preexec_fn=pin(LOADING),
        ).stdout
    rate, latency = _RATE.search(said), _LATENCY.search(said)
    if _WRONG.search(said) or rate is None or latency is None:
        raise RuntimeError(f"{rival.name} under load: {said}")
    return Load(float(rate[1]), float(latency[1]) * _UNITS[latency[2]])


def events_a_second(rival: Rival, connections: int, seconds: float) -> float:
    """How many events of streams come through."""
    return load(rival, connections, seconds, stream=True).rate * EVENTS


def first_token_ms(rival: Rival, calls: int) -> list[float]:
    """How long until the first event of a stream is here, for each of ``calls``."""
    parts = urlsplit(rival.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if rival.key:
        headers["Authorization"] = f"Bearer {rival.key}"
    raw, taken = json.dumps(_question(rival, stream=True)), []
    for _ in range(calls):
        start = time.perf_counter()
        connection.request("POST", parts.path, raw, headers)
        answer = connection.getresponse()
        answer.read(1)
        taken.append((time.perf_counter() - start) * 1e3)
        answer.read()
    connection.close()
    return taken


def missing() -> str:
    """Why there can be no load here; empty when there can."""
    try:
        subprocess.run(["wrk", "-v"], capture_output=True, check=False)
    except FileNotFoundError:
        return "wrk is not installed (Debian: apt-get install wrk)"
    return "" if Path("/proc").exists() else "this system has no /proc"


def _question(rival: Rival, *, stream: bool) -> dict[str, object]:
    body = {"model": rival.model, "messages": [{"role": "user", "content": "Hello there."}]}
    return {**body, "stream": True} if stream else body
