"""What does each kind of task. Knows nothing of how a task is started and ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from zeke_bridge.broker.analyze import analyze
from zeke_bridge.broker.chat import chat
from zeke_bridge.broker.complete import complete
from zeke_bridge.broker.context import context
from zeke_bridge.broker.create import create
from zeke_bridge.broker.edit import edit
from zeke_bridge.broker.explain import explain
from zeke_bridge.broker.propose import propose
from zeke_bridge.broker.refactor import refactor
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.broker.terminal import terminal
from zeke_bridge.broker.test import test
from zeke_bridge.model.task import TaskKind

Run = Callable[[Session, Running], Awaitable[Mapping[str, Any]]]

JOBS: Mapping[TaskKind, Run] = {
    TaskKind.CHAT: chat,
    TaskKind.EXPLAIN: explain,
    TaskKind.EDIT: edit,
    TaskKind.ANALYZE: analyze,
    TaskKind.CREATE: create,
    TaskKind.TEST: test,
    TaskKind.REFACTOR: refactor,
    TaskKind.CONTEXT: context,
    TaskKind.TERMINAL: terminal,
    TaskKind.COMPLETE: complete,
    TaskKind.PROPOSE: propose,
}
