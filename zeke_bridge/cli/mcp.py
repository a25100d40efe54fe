"""``zeke mcp``: offer what Neovim knows to a client of MCP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PORT = 8737


def mcp(
    project: Annotated[
        Path | None,
        typer.Option(help="A directory of the project; by default the one this is started in."),
    ] = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP on this machine, for one token.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen with --http; 0: anywhere.")
    ] = PORT,
) -> None:
    """Be an MCP server on standard input and output: buffers, selection, diagnostics, edits.

    Every answer is asked for in the client's name, in the Neovim that has the project open.
    """
    # The SDK takes a second: `zeke --help` is not to wait for it.
    from zeke_bridge.mcp.link import Link
    from zeke_bridge.mcp.server import server

    made = server(Link(str((project or Path()).resolve())))
    if not http:
        made.run("stdio")
        return
    from zeke_bridge.mcp.http import HOST, PATH, listening, run
    from zeke_bridge.mcp.token import kept_token
    from zeke_bridge.store.paths import state_dir

    token, file, is_new = kept_token(state_dir())
    taken = listening(port)
    shown = f"The token is {token}, kept in {file}." if is_new else f"The token is in {file}."
    address = f"http://{HOST}:{taken.getsockname()[1]}{PATH}"
    typer.echo(f"zeke: MCP at {address}. {shown}", err=True)
    run(made, taken, token)
