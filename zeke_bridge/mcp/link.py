"""The way to the Neovim of a project: one connection to the broker for each call.

A call that is given up hangs up, which withdraws what the person was asked. A broker is not
started: without one, there is no Neovim either. Does not know what is asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from zeke_bridge.bridge.peer import NoBrokerError, Peer
from zeke_bridge.bridge.runtime import locate
from zeke_bridge.model.errors import BrokerError, InputError

# A person may look at a change tomorrow; the broker has shorter limits of its own for the rest.
LIMIT_S = 24 * 3600.0
_NOBODY = (
    "No Neovim with Zeke is running: open the project in Neovim and say `:ZekeStatus` once, so "
    "that it is connected."
)


class Link:
    """``project`` is a directory of the project that is meant, absolute."""

    def __init__(self, project: str) -> None:
        self.project = project

    async def ask(self, what: str, client: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """What ``editor.WHAT`` (see ``bridge.knowing``) answers to ``client``.

        Raises ``ZekeError``.
        """
        runtime = locate()
        if not runtime.directory.exists():
            raise InputError(_NOBODY)
        hello = {"cwd": self.project, "pid": os.getpid(), "settings": {}, "ui": False}
        try:
            peer = await Peer.connect(runtime, hello, _unheard, lambda: None)
        except NoBrokerError as error:
            raise InputError(_NOBODY) from error
        try:
            params = {"cwd": self.project, "client": client, **fields}
            answer = await peer.call(f"editor.{what}", params, LIMIT_S)
        finally:
            peer.close()
        if not isinstance(answer, Mapping):
            raise BrokerError("The broker's answer makes no sense: `zeke broker stop` ends it.")
        return answer


async def _unheard(_name: str, _fields: Mapping[str, Any]) -> None:
    """Events are for editors."""
