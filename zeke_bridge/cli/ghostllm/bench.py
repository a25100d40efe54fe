"""``ghostllm bench``: how fast the core is, beside asking the provider directly.

Load, echo and core share this machine, so the figures compare the two ways with each other and not
with those of a dedicated tool.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from zeke_bridge.cli.ghostllm.echo import MODEL, echoing
from zeke_bridge.cli.ghostllm.table import show
from zeke_bridge.model.errors import InputError, ProcessError, UnreachableError

_START_S = 30.0
_CALL = aiohttp.ClientTimeout(total=60.0)
_WARM = 20
_KEY = "GHOSTLLM_API_KEY"


@dataclass(frozen=True, slots=True)
class Figures:
    """Calls a second with many connections, and milliseconds of a call with one."""

    calls_per_second: float
    median: float
    slowest: float


def bench(
    url: Annotated[
        str, typer.Option(help=f"A running core, such as http://127.0.0.1:8080; key in ${_KEY}.")
    ] = "",
    model: Annotated[str, typer.Option(help="The model to ask there; every call counts.")] = "",
    calls: Annotated[int, typer.Option(min=1, max=1_000_000)] = 1000,
    connections: Annotated[int, typer.Option(min=1, max=1000)] = 32,
) -> None:
    """Measure calls a second and added latency, against a provider that only echoes.

    With --url and --model it measures a running core with a real model instead.
    """
    if bool(url) != bool(model):
        raise InputError("Give --url and --model together: every call asks that model.")
    rows = asyncio.run(_there(url, model, calls, connections) if url else _here(calls, connections))
    if len(rows) == 2:
        direct, through = rows.values()
        added = f"{through.median - direct.median:+.2f} ms"
        typer.echo(f"The core adds {added} to a call (median, one connection).")
    show(
        ("way", "calls/s", "median, ms", "99 %, ms"),
        [
            (name, f"{one.calls_per_second:.0f}", f"{one.median:.2f}", f"{one.slowest:.2f}")
            for name, one in rows.items()
        ],
        right=("calls/s", "median, ms", "99 %, ms"),
    )


async def _there(url: str, model: str, calls: int, connections: int) -> dict[str, Figures]:
    base = url.rstrip("/")
    base = base if base.endswith("/v1") else f"{base}/v1"
    return {url: await measure(base, model, calls, connections)}


async def _here(calls: int, connections: int) -> dict[str, Figures]:
    async with echoing() as echo, _core(echo) as core:
        return {
            "directly": await measure(echo, MODEL, calls, connections),
            "through GhostLLM": await measure(core, f"{MODEL}:{MODEL}", calls, connections),
        }


async def measure(base_url: str, model: str, calls: int, connections: int) -> Figures:
    """Ask ``calls`` times with ``connections``, and a tenth of that one after another."""
    key = os.environ.get(_KEY, "")
    headers = {"Cache-Control": "no-store"} | ({"Authorization": f"Bearer {key}"} if key else {})
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(
        connector=connector, headers=headers, timeout=_CALL
    ) as session:

        async def call(number: int) -> float:
            text = f"Hello {number}"
            body = {"model": model, "messages": [{"role": "user", "content": text}]}
            start = time.perf_counter()
            async with session.post(f"{base_url}/chat/completions", json=body) as answer:
                said = await answer.read()
            if answer.status != 200:
                words = said[:200].decode("utf-8", "replace")
                raise UnreachableError(f"{base_url} answered {answer.status}: {words}")
            return (time.perf_counter() - start) * 1000

        try:
            return await _measured(call, calls, connections)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(f"{base_url} cannot be asked: {error}.") from error


async def _measured(
    call: Callable[[int], Awaitable[float]], calls: int, connections: int
) -> Figures:
    for number in range(_WARM):
        await call(-number)
    alone = sorted([await call(number) for number in range(max(calls // 10, _WARM))])
    numbers = iter(range(calls))

    async def one() -> None:
        for number in numbers:
            await call(number)

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    passed = time.perf_counter() - start
    return Figures(calls / passed, statistics.median(alone), alone[int(len(alone) * 0.99)])


@contextlib.asynccontextmanager
async def _core(echo: str) -> AsyncIterator[str]:
    """The base URL of a core in a process of its own, whose only provider is ``echo``."""
    with tempfile.TemporaryDirectory(prefix="ghostllm-bench-") as directory:
        config = Path(directory) / "config.toml"
        config.write_text(
            f'[providers.{MODEL}]\nbase_url = "{echo}"\nmodels = ["{MODEL}"]\n'
            "[caching]\nenabled = false\n",
            encoding="utf-8",
        )
        places = {"GHOSTLLM_CONFIG_DIR": directory, "GHOSTLLM_STATE_DIR": directory}
        command = (sys.executable, "-m", "zeke_bridge.cli.ghostllm", "serve", "--port", "0")
        process = await asyncio.create_subprocess_exec(
            *command, "--providers", MODEL, env=os.environ | places, stdout=PIPE
        )
        try:
            yield await _address(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _address(process: Process) -> str:
    said = b""
    if process.stdout is not None:
        with contextlib.suppress(TimeoutError):
            said = await asyncio.wait_for(process.stdout.readline(), _START_S)
    if not said:
        raise ProcessError("The core did not start: try `ghostllm serve` to see why.")
    return said.decode().split()[-1]
