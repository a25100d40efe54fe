"""An agent's hands on a ``Street``, with an editor that answers for itself and a person."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.fakes.reviewer import Reviewer
from tests.fakes.street import Street
from zeke_bridge.broker.agents.hands import Hands
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.model.action import Subject

AGENT = Subject("agent", "codex", "f" * 64)


class Bench(Reviewer):
    """``said`` are the updates that the editor was told; ``texts`` its unsaved buffers.

    ``untold`` is why it cannot say what stands in them; a ``silent`` one answers nothing.
    """

    def __init__(self, street: Street, **more: Any) -> None:
        super().__init__(street, **more)
        self.said: list[Mapping[str, Any]] = []
        self.texts: dict[str, str] = {}
        self.untold, self.silent = "", False
        self.diagnostics: list[dict[str, Any]] = []
        self.buffers: list[dict[str, Any]] = []
        send = self.sink.send

        def sent(name: str, payload: Mapping[str, Any]) -> None:
            send(name, payload)
            if name == "editor.asked":
                self._asked(payload)
            elif name == "task.started":
                self.task = payload["id"]

        self.sink.send = sent  # type: ignore[method-assign]
        self.owner = Owner(
            self.session, str(street.project), AGENT, "codex", "a1", self.said.append
        )
        self.hands = Hands(self.owner)

    def _asked(self, payload: Mapping[str, Any]) -> None:
        params = payload["params"]
        if self.silent:
            return
        if self.untold and payload["what"] == "text":
            self.session.asking.answer(payload["ask"], None, self.untold)
            return
        known = {
            "text": self._text(params),
            "diagnostics": {"diagnostics": self.diagnostics},
            "buffers": {"buffers": self.buffers},
        }
        assert self.session.asking.answer(payload["ask"], known[payload["what"]])

    def _text(self, params: Mapping[str, Any]) -> dict[str, Any]:
        path = params.get("path", "")
        real = os.path.realpath(path) if os.path.lexists(path) else path
        text = self.texts.get(real)
        if text is None:
            return {}
        return {"path": real, "text": text, "changedtick": 7, "eol": "\n", "bom": False}

    def files(self) -> list[tuple[Any, ...]]:
        """The files that the editor was told of."""
        names = ("path", "state", "added", "removed")
        told = [one for one in self.said if one["sessionUpdate"] == "_zeke/file"]
        return [tuple(one[name] for name in names) for one in told]

    def lines(self) -> list[dict[str, Any]]:
        """The audit log of the project, newest first."""
        return self.street.audit.recent(str(self.street.project), 50)


@pytest.fixture
def bench(street: Street) -> Callable[..., Bench]:
    """Makes one; ``settings`` and what else an editor takes are its arguments."""

    def made(**more: Any) -> Bench:
        return Bench(street, **more)

    return made
