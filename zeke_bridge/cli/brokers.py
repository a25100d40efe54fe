"""``zeke broker run | status | stop`` for a person at the shell."""

from __future__ import annotations

import os
import signal
import socket
from typing import Annotated, Any

import typer

from zeke_bridge.bridge.caller import Caller
from zeke_bridge.bridge.launch import alive, peer
from zeke_bridge.bridge.runtime import Runtime, locate
from zeke_bridge.model.errors import BrokerError, TimedOutError

app = typer.Typer(no_args_is_help=True)


@app.command()
def run(
    detach: Annotated[
        bool, typer.Option("--detach", help="Print the socket and go to the background.")
    ] = False,
) -> None:
    """Run the broker here (it also starts by itself when an editor needs it)."""
    # The broker takes its time to load, and only this command is one.
    from zeke_bridge.cli.broker import run_broker

    raise typer.Exit(run_broker(detach=detach))


@app.command()
def status() -> None:
    """Say what the running broker is doing; status 1 when there is none."""
    runtime = locate()
    if not _there(runtime):
        typer.echo("No broker is running; one starts when Neovim needs it.")
        raise typer.Exit(1)
    with Caller(runtime) as caller:
        state: dict[str, Any] = caller.call("state.get", {"what": "status"})["data"]
        broker = state["broker"]
        typer.echo(f"broker   {broker['version']}, process {broker['pid']}, {broker['socket']}")
        typer.echo(f"up       {broker['uptime_s']:.0f} s, editors {broker['editors']}")
        typer.echo(f"tasks    {broker['tasks']} running, {broker['waiting']} prompts waiting")
        typer.echo(f"core     {state['core']['where']}: {state['core']['status']}")
        typer.echo(f"log      {broker['log']}")


@app.command()
def stop() -> None:
    """End the broker; one that hangs is killed. Running answers are broken off."""
    runtime = locate()
    if not _there(runtime):
        typer.echo("No broker is running.")
        return
    try:
        with Caller(runtime) as caller:
            caller.call("broker.stop", {})
            caller.wait_closed()
    except TimedOutError:
        _kill(runtime)
    typer.echo("Stopped.")


def _there(runtime: Runtime) -> bool:
    return runtime.directory.is_dir() and alive(runtime)


def _kill(runtime: Runtime) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect(str(runtime.socket))
        pid = peer(probe)[0]
    if pid <= 0:
        raise BrokerError("The broker hangs: end its process by hand.")
    os.kill(pid, signal.SIGKILL)
    runtime.socket.unlink(missing_ok=True)
