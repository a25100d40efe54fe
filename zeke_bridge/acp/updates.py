"""The broker's updates of a session as a client of ACP knows them.

Most are ACP's already. A terminal of the agent's is ours and not the client's, so what it prints
becomes text of the tool call that shows it, or at the end of the turn, when none did, of one of its
own. What the bridge says of files and of the agent becomes a tool call that is done. Pure.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from zeke_bridge.acp.markdown import block, code
from zeke_bridge.acp.question import OURS

Json = dict[str, Any]
T = TypeVar("T")

MOST_PRINTED = 16 * 1024
"""Characters of the end of an output that are shown."""
_MOST_KEPT = 200
_CALLS = ("tool_call", "tool_call_update")
_FILES = {
    "partly": "was written in part",
    "rejected": "was not written: rejected",
    "denied": "was not written: denied",
    "failed": "was not written",
    "unmediated": "was changed by the agent without having asked",
}


@dataclass(slots=True)
class _Terminal:
    command: str
    printed: str = ""
    end: str = ""
    failed: bool = False
    told: bool = False
    """A tool call shows it, or did."""


class Updates:
    """Those of one session."""

    def __init__(self) -> None:
        self._terminals: OrderedDict[str, _Terminal] = OrderedDict()
        self._calls: OrderedDict[str, list[Json]] = OrderedDict()
        """The contents of tool calls that show a terminal, as they came."""
        self._numbers = itertools.count(1)

    def of(self, update: Mapping[str, Any]) -> list[Json]:
        """What the client is told of ``update``."""
        match update.get("sessionUpdate"):
            case "tool_call" | "tool_call_update":
                # Only we speak in GhostWarden's name.
                ours = str(update.get("toolCallId", "")).startswith(OURS)
                return [] if ours else [self._call(dict(update))]
            case "_zeke/terminal":
                return self._printed(update)
            case "_zeke/file":
                return self._file(update)
            case "_zeke/notice":
                return [self.notice(str(update.get("text", "")))]
            case str(kind) if kind.startswith("_"):
                return []
            case _:
                return [dict(update)]

    def rest(self) -> list[Json]:
        """What has ended by now and no tool call of the agent's has shown."""
        unseen = [
            (name, terminal)
            for name, terminal in self._terminals.items()
            if terminal.end and not terminal.told
        ]
        return [self._alone(name, terminal) for name, terminal in unseen]

    def notice(self, text: str, *, failed: bool = False) -> Json:
        """A sentence of ours, escaped already."""
        return {
            "sessionUpdate": "tool_call",
            "toolCallId": f"{OURS}notice-{next(self._numbers)}",
            "title": f"GhostWarden: {code(text)}",
            "kind": "other",
            "status": "failed" if failed else "completed",
        }

    def _call(self, update: Json) -> Json:
        content = update.get("content")
        if not isinstance(content, list):
            return update
        name = str(update["toolCallId"])
        self._calls.pop(name, None)
        if any(one.get("type") == "terminal" for one in content):
            _keep(self._calls, name, content)
            update["content"] = self._shown(content)
        return update

    def _printed(self, update: Mapping[str, Any]) -> list[Json]:
        name = str(update["terminalId"])
        terminal = self._terminals.get(name) or _Terminal(str(update["command"]))
        _keep(self._terminals, name, terminal)
        terminal.printed = (terminal.printed + str(update["output"]))[-MOST_PRINTED:]
        ended = update.get("exit")
        if isinstance(ended, Mapping):
            signal, number = ended.get("signal"), ended.get("code")
            terminal.end = f"ended by {signal}" if signal else f"exit code {number}"
            terminal.failed = bool(signal or number)
        return [
            {
                "sessionUpdate": "tool_call_update",
                "toolCallId": call,
                "content": self._shown(content),
            }
            for call, content in self._calls.items()
            if any(one.get("terminalId") == name for one in content)
        ]

    def _alone(self, name: str, terminal: _Terminal) -> Json:
        terminal.told = True
        return {
            "sessionUpdate": "tool_call",
            "toolCallId": f"{OURS}{name}",
            "title": code(terminal.command),
            "kind": "execute",
            "status": "failed" if terminal.failed else "completed",
            "content": [_text(_screen(terminal))],
        }

    def _shown(self, content: list[Json]) -> list[Json]:
        return [self._replaced(one) if one.get("type") == "terminal" else one for one in content]

    def _replaced(self, item: Json) -> Json:
        terminal = self._terminals.get(str(item.get("terminalId")))
        if terminal is None:
            return _text("")
        terminal.told = True
        return _text(_screen(terminal))

    def _file(self, update: Mapping[str, Any]) -> list[Json]:
        state = str(update["state"])
        if state not in _FILES:
            return []
        counts = f" (+{update['added']} −{update['removed']})" if state == "unmediated" else ""
        return [self.notice(f"{update['path']} {_FILES[state]}{counts}", failed=True)]


def chunk(text: str) -> Json:
    """Text of the agent's answer."""
    content = {"type": "text", "text": text}
    return {"sessionUpdate": "agent_message_chunk", "content": content}


def _keep(known: OrderedDict[str, T], name: str, value: T) -> None:
    known[name] = value
    known.move_to_end(name)
    while len(known) > _MOST_KEPT:
        known.popitem(last=False)


def _screen(terminal: _Terminal) -> str:
    end = f"\n({terminal.end})" if terminal.end else ""
    return block(f"$ {terminal.command}\n{terminal.printed.rstrip()}{end}")


def _text(text: str) -> Json:
    return {"type": "content", "content": {"type": "text", "text": text}}
