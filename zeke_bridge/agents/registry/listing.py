"""All agents by name: the built-in assistant, those of ``data``, and the person's own.

A name of the person's own stands before the same name of ours, but for the built-in assistant's.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from zeke_bridge.agents.registry.entry import Entry, entry
from zeke_bridge.config.agents import OwnProgram
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.likeness import likest
from zeke_bridge.warden.escape import escape, shorten

ZEKE = Entry("zeke", "Zeke's own assistant", builtin=True)
_NAME = 40
_BASES = {
    "~/.config/": "XDG_CONFIG_HOME",
    "~/.local/share/": "XDG_DATA_HOME",
    "~/.local/state/": "XDG_STATE_HOME",
    "~/.cache/": "XDG_CACHE_HOME",
}


@cache
def entries() -> Mapping[str, Entry]:
    """The built-in assistant first, then those of ``data`` by name."""
    found = {"zeke": ZEKE}
    data = files(__package__) / "data"
    for file in sorted(data.iterdir(), key=lambda file: file.name):
        name = file.name.removesuffix(".toml")
        if name != file.name:
            found[name] = entry(name, tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def find(name: str, own: Mapping[str, OwnProgram]) -> Entry:
    """The agent called ``name``. Raises ``InputError`` that names the likest ones."""
    known = entries()
    if name in own and name != ZEKE.name:
        return _own(name, own[name])
    if name in known:
        return replace(known[name], writes=_places(known[name].writes))
    near = likest(name, {*known, *own}, 3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
    raise InputError(f"There is no agent called {shorten(name, _NAME)}. {hint}")


def unknown(command: Sequence[str], name: str = "") -> Entry:
    """An agent that is only known by the command that starts it."""
    argv = tuple(command)
    if not argv or not argv[0]:
        raise InputError("There is no command that would start the agent.")
    called = name or PurePath(argv[0]).name or "agent"
    return Entry(called, shorten(called, _NAME), argv)


def described(own: Mapping[str, OwnProgram]) -> list[dict[str, Any]]:
    """All of them, as an editor lists them; ``installed`` is looked at now."""
    names = dict.fromkeys((*entries(), *own))
    return [_described(find(name, own)) for name in names]


def _own(name: str, program: OwnProgram) -> Entry:
    ours = entries().get(name)
    return Entry(
        name,
        program.title or (ours.title if ours else escape(name)),
        program.argv,
        pass_on=program.pass_on or (ours.pass_on if ours else ()),
        # What makes it ask before it does something stays, unless they say otherwise.
        env=tuple(sorted({**dict(ours.env if ours else ()), **dict(program.env)}.items())),
        writes=program.writes or _places(ours.writes if ours else ()),
        login=ours.login if ours else "",
        logins=ours.logins if ours else {},
    )


def _places(writes: tuple[str, ...]) -> tuple[str, ...]:
    """``writes`` where the person has their directories, if not in the usual places.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    return tuple(_place(one) for one in writes)


def _place(path: str) -> str:
    for usual, variable in _BASES.items():
        base = os.environ.get(variable, "")
        if path.startswith(usual) and base.startswith("/"):
            return f"{base.rstrip('/')}/{path.removeprefix(usual)}"
    return path


def _described(one: Entry) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "installed": one.builtin or _is_there(one.argv[0]),
        "command": list(one.argv),
        "install": one.install,
        "login": one.login,
        "builtin": one.builtin,
    }


def _is_there(program: str) -> bool:
    """Look on the PATH as it is; whether it may be started from there is said when it is."""
    return shutil.which(os.path.expanduser(program)) is not None  # noqa: PTH111 - a name, mostly
