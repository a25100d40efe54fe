"""Starting the program that an agent or a tool server is, once GhostWarden lets it run.

What of the person's environment it gets, and whether the system keeps it in bounds, stands in the
question.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from zeke_bridge.agents.child import Child, Launch
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.workspace.process.containment import Contain, words


class Starting:
    """A ``Start`` for one agent or server, which is the ``subject`` of its own launch."""

    def __init__(
        self,
        editor: Session,
        root: str,
        subject: Subject,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._editor = editor
        self._root = root
        self._subject = subject
        self._environ = environ

    async def __call__(self, launch: Launch) -> Child:
        """Ask, then start it. Raises ``ConsentError`` or ``ProcessError``."""
        editor = self._editor
        contain = None
        if editor.settings.agents.contain:
            contain = Contain(launch.writes, editor.consents.runtimepath)
        passed = {
            name: self._environ[name]
            for name in dict.fromkeys(launch.pass_on)
            if name in self._environ
        }
        action = Action(
            Op.EXECUTE,
            self._root,
            self._subject,
            argv=launch.argv,
            cwd=launch.cwd,
            env=launch.env,
            note=_note(launch.note, tuple(passed), contain),
        )
        permit = await editor.authorize(action)
        result = "failed"
        try:
            child = await editor.services.processes.open(permit, action, passed, contain=contain)
            result = "started"
        except ZekeError as error:
            result = error.code
            raise
        finally:
            await editor.record(permit, result)
        return child


def _note(what: str, passed: tuple[str, ...], contain: Contain | None) -> str:
    """``what`` it is, what it gets, and what it is kept from."""
    gets = f"It gets {', '.join(passed)} of your environment." if passed else ""
    bounds = (
        "What it does by itself, it does with your own rights."
        if contain is None
        else words(contain.writes)
    )
    # A question has room for a few lines only, and these matter most.
    return " ".join(part for part in (bounds, gets, what) if part)
