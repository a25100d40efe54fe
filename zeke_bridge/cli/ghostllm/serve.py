"""``ghostllm serve``."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from zeke_bridge.cli.ghostllm.opened import opened
from zeke_bridge.cli.ghostllm.reading import ConfigFile, Reading, names_in
from zeke_bridge.config.ghostllm import Serving
from zeke_bridge.config.ghostllm.caching import size_in_bytes
from zeke_bridge.warden.escape import escape

_ENDS = "zeke_bridge.core.relay.state"
# How many new objects before the young are looked through; the older ones seldom are.
_COLLECT = (20_000, 20, 20)


class LogLevel(StrEnum):
    """How much the core writes to standard error."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="127.0.0.1; others need a client key first.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8080; 0: any free one.")
    ] = None,
    dev: Annotated[
        bool, typer.Option("--dev", help="Say much, in plain words, and show each route taken.")
    ] = False,
    providers: Annotated[
        str, typer.Option(metavar="A,B", help="Only these providers, whatever is configured.")
    ] = "",
    log_level: Annotated[LogLevel | None, typer.Option(help="warning")] = None,
    cache_size: Annotated[
        str, typer.Option(metavar="SIZE", help="How much is kept of answers, such as 500MB.")
    ] = "",
    max_connections: Annotated[int | None, typer.Option(min=1, help="Else by ulimit -n.")] = None,
    config: ConfigFile = None,
) -> None:
    """Serve the core until it is interrupted.

    A changed configuration counts from the next request on.
    A wrong one does not count, and the log says why.
    The log is lines of JSON on standard error.
    """
    size = size_in_bytes(cache_size) if cache_size else None
    reading = Reading(config, names_in(providers), size)
    read = reading()
    serving = replace(
        read.serving,
        host=host or read.serving.host,
        port=read.serving.port if port is None else port,
    )
    with _logging(log_level or LogLevel.DEBUG if dev else log_level or read.logs.level, dev=dev):
        for note in read.notes:
            logging.getLogger(__name__).warning("%s", note)
        asyncio.run(_serve(reading, serving, max_connections))


async def _serve(reading: Reading, serving: Serving, most: int | None) -> None:
    from zeke_bridge.core.access.guard import guard, is_loopback, refuse_strangers
    from zeke_bridge.core.access.keys import ClientKeys, clients_file
    from zeke_bridge.core.serving import serve_port

    clients = ClientKeys(clients_file())
    refuse_strangers(serving.host, clients, serving, time.time())
    async with opened(reading, records=True) as core:
        app = guard(core.app, clients, serving, loopback=is_loopback(serving.host))
        host = "127.0.0.1" if serving.host == "localhost" else serving.host
        served = await serve_port(app, host, serving.port, most)
        typer.echo(f"GhostLLM listens at {served.address}/v1")
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        try:
            await core.relay.setup.ready()
            _spare_the_collector()
            await stop.wait()
        finally:
            await served.aclose()


def _spare_the_collector() -> None:
    """Keep what is loaded by now out of every collection: a third more calls a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


@contextlib.contextmanager
def _logging(level: str, *, dev: bool) -> Iterator[None]:
    """Log to standard error; ``dev`` in plain words, with each route taken on standard output."""
    from zeke_bridge.core.records import log

    handler = log.begin(level)
    routes = _Routes(logging.INFO)
    if dev:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        handler.addFilter(lambda record: record.name != _ENDS)
        logging.getLogger(_ENDS).addHandler(routes)
        logging.getLogger(_ENDS).setLevel(logging.INFO)
    try:
        yield
    finally:
        logging.getLogger(_ENDS).removeHandler(routes)
        logging.getLogger(_ENDS).setLevel(logging.NOTSET)
        log.end(handler)


class _Routes(logging.Handler):
    """Prints which model answered what, and why it was that one."""

    def emit(self, record: logging.LogRecord) -> None:
        told = getattr(record, "fields", {})
        if record.levelno == logging.INFO and "task" in told:
            line = f"{told['task']} {told['model'] or 'nobody'}: {told['status']}. {told['reason']}"
            # A model's name comes from the client.
            typer.echo(escape(line))
