"""The process ``zeke acp``: standard input and output to a client, until that hangs up.

Nothing but the protocol reaches the client: whatever else would print goes to standard error.
"""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from asyncio.streams import FlowControlMixin
from typing import TextIO

from zeke_bridge.acp.client import Client
from zeke_bridge.acp.desk import Desk
from zeke_bridge.acp.line import Line, Streams
from zeke_bridge.acp.link import Wanted
from zeke_bridge.agents.acp.sdk import Connection
from zeke_bridge.bridge.reach import reached
from zeke_bridge.model.errors import BrokerError
from zeke_bridge.warden.escape import escape

_CLOSE_S = 5.0
_NO_PIPES = (
    "`zeke acp` speaks the Agent Client Protocol on standard input and output: an editor starts "
    "it. `:help zeke-acp-editors` says how."
)


def serve(wanted: Wanted) -> None:
    """Be an agent for the client at standard input and output, until it hangs up.

    Raises ``BrokerError`` when there is no client.
    """
    if not (_is_pipe(sys.stdin) and _is_pipe(sys.stdout)):
        raise BrokerError(_NO_PIPES)
    asyncio.run(_serve(wanted))


async def _serve(wanted: Wanted) -> None:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[str] = loop.create_future()

    def end(reason: str) -> None:
        if not ended.done():
            ended.set_result(reason)

    streams = await _streams()
    desk = Desk(wanted, reached)
    line = Line(streams, end, desk.opened)
    connection = Connection(desk.handle, line)
    desk.client, desk.handled = Client(connection, line), line.handled
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, "")
    reason = await ended
    if reason:
        sys.stderr.write(f"zeke: the client is let go. {escape(reason)}\n")
    desk.close()
    streams.writer.close()
    async with asyncio.timeout(_CLOSE_S):
        await connection.close()


async def _streams() -> Streams:
    """The client's two pipes; whatever prints by other ways prints on standard error."""
    loop = asyncio.get_running_loop()
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(FlowControlMixin, output)
    return Streams(reader, asyncio.StreamWriter(transport, protocol, None, loop))


def _is_pipe(stream: TextIO) -> bool:
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
