"""What comes from an agent, each message to where it belongs: the SDK's ``MethodHandler``.

Every message is checked against ACP's schema first (``strict``), and whose session it names. What
is refused is answered so, and a sentence of ours says it to the person.
"""

from __future__ import annotations

import asyncio
import logging
import os
import posixpath
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge.agents.acp.calls import MOST_KEPT, Calls, Change, weight
from zeke_bridge.agents.acp.elicitation import Elicitations, Wanted
from zeke_bridge.agents.acp.execution import words
from zeke_bridge.agents.acp.files import Files
from zeke_bridge.agents.acp.permission import CANCELLED, answered, checked
from zeke_bridge.agents.acp.pipe import Pipe
from zeke_bridge.agents.acp.refusals import Need, Refusals
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.shown import notice, shown
from zeke_bridge.agents.acp.strict import exact
from zeke_bridge.agents.acp.terminals import Terminals
from zeke_bridge.agents.acp.work import StoppedError, Work, refused
from zeke_bridge.agents.agent import Surroundings
from zeke_bridge.agents.refusal import Refusal, of_error
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.warden.escape import escape, shorten

log = logging.getLogger(__name__)

Json = dict[str, Any]

_UPDATE = TypeAdapter(schema.SessionNotification)
_COMPLETED = TypeAdapter(schema.CompleteElicitationNotification)
_PERMISSION = "session/request_permission"
_SHAPES: Mapping[str, TypeAdapter[Any]] = {
    "fs/read_text_file": TypeAdapter(schema.ReadTextFileRequest),
    "fs/write_text_file": TypeAdapter(schema.WriteTextFileRequest),
    _PERMISSION: TypeAdapter(schema.RequestPermissionRequest),
    "terminal/create": TypeAdapter(schema.CreateTerminalRequest),
    "terminal/output": TypeAdapter(schema.TerminalOutputRequest),
    "terminal/wait_for_exit": TypeAdapter(schema.WaitForTerminalExitRequest),
    "terminal/kill": TypeAdapter(schema.KillTerminalRequest),
    "terminal/release": TypeAdapter(schema.ReleaseTerminalRequest),
    "elicitation/create": TypeAdapter(
        schema.CreateFormSessionElicitationRequest
        | schema.CreateFormRequestElicitationRequest
        | schema.CreateUrlSessionElicitationRequest
        | schema.CreateUrlRequestElicitationRequest
    ),
}
_EFFECTS = ("fs/", "terminal/create", _PERMISSION)
_CALLS = ("tool_call", "tool_call_update")
# What is of none of these is an extension that an agent tries: the answer is enough.
_OURS = ("fs/", "terminal/", "session/", "elicitation/", "mcp/")
_MOST_EARLY = 200
_MOST_NOTICES = 50
_MOST_REPORTS = 500
_WORDS = 200
# JSON-RPC's own codes of what makes no sense: https://www.jsonrpc.org/specification#error_object
_MALFORMED = range(-32700, -32599)


class Desk:
    """Of one session, which is ``session`` once it is known.

    ``replay`` is set while the agent tells of what was before.
    """

    def __init__(self, around: Surroundings, work: Work) -> None:
        self._around = around
        self.work = work
        self._calls = Calls()
        self._refusals = Refusals(self._calls)
        self.files = Files(around.effects, work, self._refusals)
        self.terminals = Terminals(around.effects, work, around.cwd)
        self.elicitations = Elicitations(around.ask)
        self.pipe: Pipe | None = None
        self.session = ""
        self.replay = False
        self.commands: list[Json] = []
        self.spent: float | None = None
        """US dollars of the whole session, when the agent says them."""
        self._early: list[Json] = []
        self._early_weight = 0
        self._noticed: set[str] = set()
        self._reports: set[asyncio.Task[None]] = set()

    async def handle(self, method: str, params: Any, is_notification: bool) -> Any:
        """Take one message. Raises ``RequestError``, which the SDK answers with."""
        try:
            if is_notification:
                return self._hear(method, params)
            return await self._answer(method, params)
        except StoppedError as error:
            raise refused(error) from None
        except RequestError as error:
            self._tell_refused(method, error)
            if not is_notification:
                raise
        except ZekeError as error:
            raise refused(error) from None
        except Exception:
            log.exception("A message of an agent was not handled")
            raise RequestError.internal_error() from None
        finally:
            if self.pipe is not None:
                self.pipe.handled()

    def begin(self, session: str) -> None:
        """The session is known; hear what was said of it before."""
        self.session = session
        early, self._early = self._early, []
        for params in early:
            try:
                self._hear("session/update", params)
            except RequestError as error:
                self._tell_refused("session/update", error)

    def turn_begins(self) -> None:
        """What was refused before has nothing to do with it."""
        self.work.begin()
        self._refusals.turn_begins()

    def notice(self, text: str) -> None:
        """Tell the person something of the agent, once."""
        if text not in self._noticed and len(self._noticed) < _MOST_NOTICES:
            self._noticed.add(text)
            self._around.say(notice(text))

    def _tell_refused(self, method: str, error: RequestError) -> None:
        """What a person or GhostWarden said no to is shown where it happened, and not here."""
        if error.code in _MALFORMED and method.startswith(_OURS):
            reason = shorten(str(error), _WORDS)
            self.notice(f"Its {shorten(method, _WORDS)} was refused: {reason}")

    async def aclose(self) -> None:
        """Let go of everything that the session has."""
        self.work.stop()
        self.elicitations.cancel()
        await self.terminals.aclose()

    def _hear(self, method: str, params: Any) -> None:
        if method == "session/update":
            self._update(params)
        elif method == "elicitation/complete":
            done, _ = exact(_COMPLETED, params)
            self.elicitations.complete(done.elicitation_id)
        elif not method.startswith(("_", "$/")):
            raise RequestError.method_not_found(method)

    def _update(self, params: Any) -> None:
        if not self.session:
            self._early_weight += weight(params)
            if len(self._early) >= _MOST_EARLY or self._early_weight > MOST_KEPT:
                raise RequestError(-32600, "Too much was said before there is a session.")
            self._early.append(params)
            return
        found, came = exact(_UPDATE, params, more=True)
        self._check_session(found.session_id)
        update = came["update"]
        kind = update["sessionUpdate"]
        if kind in _CALLS:
            # What it has changed is said also of a turn that was stopped.
            self._calls.hear(update)
            for change in () if self.replay else self._calls.changes(update):
                self._report(change)
        if self.work.stopped:
            return
        if kind == "available_commands_update":
            self.commands = shown(update)["availableCommands"]
        if kind == "usage_update" and (update.get("cost") or {}).get("currency") == "USD":
            self.spent = update["cost"]["amount"]
        made = shown(update)
        if kind in _CALLS:
            refusal = self._refusals.of(update)
            made |= {} if refusal is None else {"_meta": refusal.meta()}
        self._around.say(made)

    def _report(self, change: Change) -> None:
        """Have an edit that is said to be done looked at by those who know of its permit."""
        if len(self._reports) >= _MOST_REPORTS:
            self.notice("It reports more changes than can be looked at.")
            return
        path = self._place(change.path)

        async def report() -> None:
            try:
                await self._around.effects.unmediated(path, change.added, change.removed)
            except ZekeError as error:
                what = f"a change of {escape(path)}" if path else "a change"
                self.notice(f"It reports {what}: {error.message}")

        task = asyncio.get_running_loop().create_task(report())
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    def _place(self, path: str) -> str:
        """``path`` from ``/``, as an agent in this session means it; ``""`` stays that."""
        if not path:
            return ""
        if path.startswith("~/"):
            path = os.path.expanduser(path)  # noqa: PTH111 - Path raises without a home
        return posixpath.normpath(posixpath.join(self._around.cwd, path))

    async def _answer(self, method: str, params: Any) -> Any:
        shape = _SHAPES.get(method)
        if shape is None:
            raise RequestError.method_not_found(method)
        # A permission is for what is shown of it: what newer agents say beside is not looked at.
        wanted, came = exact(shape, params, more=method == _PERMISSION)
        session = getattr(wanted, "session_id", None)
        if session is None:
            self._check_request(wanted.request_id)
        else:
            self._check_session(session)
        if not self.work.turn and not self.work.stopped and method.startswith(_EFFECTS):
            self.notice(f"It asked for {method} outside of a turn of yours.")
        try:
            return await self._handlers()[method](wanted, came)
        except ZekeError as error:
            if method == "fs/read_text_file":
                self._refusals.add(Need(path=wanted.path), of_error(error))
            elif method == "terminal/create":
                argv = words(wanted.command, wanted.args)
                self._refusals.add(Need(argv=argv), of_error(error))
            raise

    def _handlers(self) -> Mapping[str, Callable[[Any, Json], Awaitable[Any]]]:
        terminals = self.terminals
        return {
            "fs/read_text_file": lambda wanted, _: self.files.read(wanted),
            "fs/write_text_file": lambda wanted, _: self.files.write(wanted),
            _PERMISSION: self._permission,
            "terminal/create": lambda wanted, _: terminals.create(wanted),
            "terminal/output": self._output,
            "terminal/wait_for_exit": lambda wanted, _: terminals.wait(wanted.terminal_id),
            "terminal/kill": lambda wanted, _: terminals.kill(wanted.terminal_id),
            "terminal/release": lambda wanted, _: terminals.release(wanted.terminal_id),
            "elicitation/create": self._elicit,
        }

    async def _elicit(self, wanted: Wanted, came: Json) -> Json:
        return (
            {"action": "cancel"}
            if self.work.stopped
            else await self.elicitations.create(wanted, came)
        )

    async def _output(self, wanted: schema.TerminalOutputRequest, _: Json) -> Json:
        return self.terminals.output(wanted.terminal_id)

    async def _permission(self, wanted: schema.RequestPermissionRequest, came: Json) -> Json:
        checked(wanted.options)
        self._calls.shown(came["toolCall"])
        declared = self._calls.declared(came["toolCall"])
        if declared.argv:
            cwd = posixpath.join(self._around.cwd, declared.cwd) if declared.cwd else ""
            declared = replace(declared, cwd=cwd or self._around.cwd)
        try:
            allowed, outcome = await self.work.do(
                lambda: answered(declared, wanted.options, self._around)
            )
        except StoppedError:
            return CANCELLED
        call = came["toolCall"]["toolCallId"]
        self._refusals.decided(call, None if allowed else Refusal("denied"))
        return outcome

    def _check_session(self, session: str) -> None:
        if not self.session or session != self.session:
            raise RequestError(
                -32602, "Invalid params: that is not the session of this connection."
            )

    def _check_request(self, request: Any) -> None:
        if self.pipe is None or request not in self.pipe.asked or isinstance(request, bool):
            raise RequestError(-32602, "Invalid params: requestId is that of no open request.")
