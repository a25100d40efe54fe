"""``zeke doctor``: walk the live chain from Neovim to the model, with advice on every line."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer

from zeke_bridge import __version__
from zeke_bridge.bridge import launch
from zeke_bridge.bridge.caller import Caller
from zeke_bridge.bridge.runtime import Runtime, check, prepare
from zeke_bridge.cli.editor import MINIMUM, find_nvim, nvim_version
from zeke_bridge.model.errors import ZekeError

# Loading the core for the first time on a busy machine takes its time.
ANSWER_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """One link of the chain: is it good, what was seen, and what to do about it."""

    state: Literal["ok", "warn", "fail"]
    link: str
    seen: str
    advice: str = ""


def doctor() -> None:
    """Check everything between Neovim and the model; status 1 when a link is broken."""
    broken = False
    for line in _lines():
        mark = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}[line.state]
        typer.echo(f"{mark}  {line.link:<12} {line.seen}")
        if line.advice:
            typer.echo(f"{'':<19}{line.advice}")
        broken = broken or line.state == "fail"
    raise typer.Exit(1 if broken else 0)


def _lines() -> Iterator[Line]:
    yield _neovim()
    python = f"{platform.python_version()} ({sys.executable}), Zeke {__version__}"
    yield Line("ok", "Python", python)
    try:
        runtime = prepare()
    except ZekeError as error:
        yield Line("fail", "runtime", error.message)
        return
    # The broker takes its time to load: no other command is to wait for it.
    from zeke_bridge.app.serving import serve

    try:
        launch.start(runtime, serve)
        with Caller(runtime, limit=ANSWER_LIMIT_S) as caller:
            yield _broker(caller)
            yield _socket(runtime)
            health = caller.call("state.get", {"what": "health"})["data"]
            yield from _core(health["core"])
            yield _consents(health["consents"])
    except ZekeError as error:
        yield Line("fail", "broker", error.message, "`zeke broker stop`, then try again.")


def _neovim() -> Line:
    wanted = ".".join(str(part) for part in MINIMUM)
    try:
        found = find_nvim()
    except ZekeError as error:
        return Line("fail", "Neovim", "not found", error.message)
    version = nvim_version(found)
    if version is None:
        return Line("fail", "Neovim", f"{found} does not answer", f"Install Neovim {wanted}.")
    seen = f"{'.'.join(str(part) for part in version)} ({found})"
    if version[:2] < MINIMUM:
        return Line("fail", "Neovim", seen, f"Zeke needs {wanted} or newer.")
    return Line("ok", "Neovim", seen)


def _broker(caller: Caller) -> Line:
    theirs = caller.ready["version"]
    seen = f"version {theirs}, process {caller.pid}"
    if theirs != __version__:
        return Line("warn", "broker", seen, "`zeke broker stop` lets the new version start.")
    return Line("ok", "broker", seen)


def _socket(runtime: Runtime) -> Line:
    try:
        check(runtime)
    except ZekeError as error:
        return Line("fail", "socket", error.message)
    rights = runtime.socket.stat().st_mode & 0o777
    if rights & 0o077:
        return Line(
            "fail", "socket", f"{runtime.socket} is open to others", f"chmod 600 {runtime.socket}"
        )
    return Line("ok", "socket", f"{runtime.socket}, {rights:o} in a private directory")


def _core(core: dict[str, Any]) -> Iterator[Line]:
    where = core["where"]
    if core["status"] == "unreachable":
        yield Line("fail", "core", f"{where}: {core['message']}", "Check ghostllm.base_url.")
        return
    yield Line("ok", "core", f"{where}, {core['status']}")
    providers: dict[str, str] = core["providers"]
    usable = [name for name, state in providers.items() if state == "healthy"]
    seen = ", ".join(f"{name}: {state}" for name, state in providers.items()) or "none"
    if usable:
        yield Line("ok", "models", seen)
    else:
        advice = "`zeke model install` gets the local one, :ZekeAuth in Neovim sets a key."
        yield Line("fail", "models", seen, advice)


def _consents(consents: dict[str, Any]) -> Line:
    trust = consents["trust"]
    path = Path(consents["root"]) / ".zeke-consents.json"
    if trust == "none":
        return Line("ok", "consents", f"{path}: none yet")
    state: Literal["ok", "warn"] = "ok" if trust == "trusted" else "warn"
    advice = "" if state == "ok" else consents["notice"] or "See :ZekeConsents in Neovim."
    return Line(state, "consents", f"{path}: {trust}", advice)
