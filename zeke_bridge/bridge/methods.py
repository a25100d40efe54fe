"""What an editor may ask of the broker, by name.

Every method takes one table and can be sent as a notification (an editor never waits) or as a
request (scripts). Answers to ``hello`` and ``state.get`` sent as notifications come back as the
events ``broker.ready`` / ``broker.refused`` and ``state``, with the ``reply`` number that came in;
without one there is no ``state``.

    hello            {version, token, cwd, servername, pid, settings, runtimepath, ui, reviews,
                      unsaved, reply}
                     ui: whether it can show prompts (default true; a script says false);
                     reviews: and changes, and answer editor.asked (default: as ui)
                     unsaved: paths, as in editor.unsaved (default: it does not tell them)
    settings.update  {settings}
    state.get        {what, cwd, here, reply}
                     what: status | stats | consents | models | files | changed | providers | health
                     cwd: whose state; here: where the person is, when that is elsewhere
    task.submit      {id, kind, cwd, here, model, buffer, instruction, kinds, messages,
                      opened, shell, prefix, suffix, alternative, max_lines,
                      path, text, base, edits}
                     edits: {first, last, lines}; base: what text or edits are for, when it is old
    task.cancel      {id}                 without id: all of this editor
    edit.accept      {id, file, hunks, reason}
                     hunks: numbers from 1; absent: all; reason: why not the rest
    edit.reject      {id, file, reason, problem}
                     problem: why it cannot be, where nobody has said no
    edit.ready       {id, file, fits, modified}
                     the answer to task.apply
    edit.rebase      {id, file, buffer}   the buffer changed: a new diff is wanted
    edit.text        {id, file, buffer}   the answer to task.text; no buffer: it is gone
                     each with round and version of the task.patch it is about; file: from 1
    consent.answer   {prompt, choice}     choice: once | session | project | deny;
                     unshown: the editor failed to put it
                     {prompts, choice}    several at once, as the person picked them from the list
    consent.revoke   {ids, cwd}           of session grants, project grants, remembered refusals
    consent.trust    {hash, cwd}
    consent.reject   {hash, cwd}
    consent.exclude  {cwd}                keep the project's consent file out of git
    auth.set         {provider, key, test, reply}
                     test: keep it only when the provider takes it
    auth.login       {provider}           with a code: auth.code, then auth.done or auth.failed
    auth.cancel      {}                   of that login
    broker.stop      {}
    agent.*          see ``bridge.agents``, and editor.answer and editor.unsaved

Knows names, shapes and who may call; what a method does is the broker's.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from zeke_bridge import __version__
from zeke_bridge.bridge import params as read
from zeke_bridge.bridge.agents import AGENT_METHODS, ANSWERED
from zeke_bridge.bridge.connection import Answer, Connection
from zeke_bridge.bridge.knowing import KNOWING_METHODS
from zeke_bridge.bridge.whereabouts import meant
from zeke_bridge.broker.broker import Broker
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Mail
from zeke_bridge.model.errors import BrokerError, InputError, ZekeError

log = logging.getLogger(__name__)

MAIL = frozenset({"edit.accept", "edit.reject", "edit.ready", "edit.rebase", "edit.text"})
# What an editor sends by itself says nothing of where its person is.
UNATTENDED = frozenset(
    {"state.get", "settings.update", "edit.ready", "edit.rebase", "edit.text"}
    | {"editor.answer", "editor.unsaved"}
)
# Their answers to notifications are the event ``state``.
STATES = frozenset({"state.get", "auth.set"}) | ANSWERED

_BROKEN = "Zeke itself failed here; :ZekeLog has the details."

Params = Mapping[str, Any]
Reply = Callable[[str, Mapping[str, Any]], None]


class EditorHandler:
    """The methods of one connection; lets nothing through before a good ``hello``."""

    def __init__(self, connection: Connection, broker: Broker, token: str) -> None:
        self._connection = connection
        self._broker = broker
        self._token = token
        self._session: Session | None = None
        self._pending: set[asyncio.Task[Mapping[str, Any]]] = set()

    def notified(self, method: str, params: list[Any]) -> None:
        """Do it; a failure becomes a ``notice``, or the refusal of the ``hello``."""

        def failed(error: ZekeError, fields: Params) -> None:
            event, extra = _complaint(method, fields)
            self._connection.send(
                event, {**extra, "code": error.code, "message": error.message, **_error(error)}
            )

        def done(result: Mapping[str, Any], fields: Params) -> None:
            event = "broker.ready" if method == "hello" else "state"
            reply = fields.get("reply")
            if method == "hello" or (method in STATES and reply is not None):
                self._connection.send(event, {"reply": reply, **result})

        self._start(method, params, done, failed)

    def requested(self, method: str, params: list[Any], answer: Answer) -> None:
        """Do it and answer with the result or with ``{code, message}``."""
        self._start(
            method,
            params,
            lambda result, _: answer(None, result),
            lambda error, _: answer({"code": error.code, "message": error.message}, None),
        )

    def lost(self) -> None:
        """End everything that belongs to this connection."""
        for task in self._pending:
            task.cancel()
        session, self._session = self._session, None
        if session is not None:
            self._broker.close(session)

    def _start(
        self,
        method: str,
        params: list[Any],
        done: Callable[[Mapping[str, Any], Params], None],
        failed: Callable[[ZekeError, Params], None],
    ) -> None:
        fields: Params = {}
        try:
            fields = read.table(params)
            result = self._call(method, fields)
        except ZekeError as error:
            failed(error, fields)
            return
        except Exception:
            log.exception("a method broke", extra={"fields": {"method": method[:80]}})
            failed(BrokerError(_BROKEN), fields)
            return
        if not isinstance(result, Coroutine):
            done(result, fields)
            return
        task = asyncio.get_running_loop().create_task(result)
        self._pending.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, fields, done, failed))

    def _ended(
        self,
        task: asyncio.Task[Mapping[str, Any]],
        fields: Params,
        done: Callable[[Mapping[str, Any], Params], None],
        failed: Callable[[ZekeError, Params], None],
    ) -> None:
        self._pending.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            done(task.result(), fields)
        elif isinstance(error, ZekeError):
            failed(error, fields)
        else:
            log.error("a method broke", exc_info=error)
            failed(BrokerError(_BROKEN), fields)

    def _call(
        self, method: str, fields: Params
    ) -> Mapping[str, Any] | Coroutine[Any, Any, Mapping[str, Any]]:
        if method == "hello":
            return self._hello(fields)
        session = self._session
        if session is None:
            raise BrokerError("Say hello first.")
        session.asking.heard()
        if method not in UNATTENDED:
            self._broker.editors.active(session)
        if method in MAIL:
            return _deliver(session, method, fields)
        action = _METHODS.get(method)
        if action is None:
            raise InputError(f"There is no method {method}.")
        return action(self._broker, session, fields)

    def _hello(self, fields: Params) -> Mapping[str, Any]:
        if self._session is not None:
            raise BrokerError("Hello was said already.")
        if not hmac.compare_digest(read.text(fields, "token").encode(), self._token.encode()):
            raise BrokerError("The token is not this broker's: reconnect.")
        theirs = read.text(fields, "version")
        if _newer(theirs, __version__):
            # Off the socket before we say so: whoever hears it starts a new broker at once.
            self._broker.stop(f"an editor has version {theirs}")
            self._connection.sent_away = True
            raise OutdatedError(
                f"The broker is version {__version__}, the editor {theirs}: update zeke-bridge."
            )
        self._session = self._broker.open(
            self._connection,
            cwd=read.place(fields, "cwd"),
            pid=read.field(fields, "pid", int, 0),
            settings=_settings(fields),
            runtimepath=read.places(fields, "runtimepath"),
            ui=(ui := read.field(fields, "ui", bool, True)),
            reviews=read.field(fields, "reviews", bool, ui),
            unsaved=read.unsaved(fields, "unsaved"),
        )
        return self._broker.greeting(self._session)


class OutdatedError(BrokerError):
    """This broker is older than its client, and is leaving."""

    code = "outdated"


_NUMBERS = re.compile(r"\b[0-9]{1,9}\b")


def _newer(theirs: str, ours: str) -> bool:
    def parts(version: str) -> tuple[int, ...]:
        return tuple(int(part) for part in _NUMBERS.findall(version)[:4])

    return parts(theirs) > parts(ours)


def _error(error: ZekeError) -> dict[str, Any]:
    return {
        "level": "error",
        "restart": isinstance(error, OutdatedError),
        "error": {"code": error.code, "message": error.message},
    }


def _complaint(method: str, fields: Params) -> tuple[str, dict[str, Any]]:
    """The event that tells an editor that its notification failed, and whose it was."""
    match method:
        case "hello":
            return "broker.refused", {"reply": fields.get("reply")}
        case _ if method in STATES and fields.get("reply") is not None:
            what = "agent" if method in ANSWERED else fields.get("what", "auth")
            return "state", {"reply": fields.get("reply"), "what": what}
        case "auth.login":
            return "auth.failed", {"provider": fields.get("provider")}
        case "task.submit":
            return "task.failed", {"id": fields.get("id"), "retryable": False}
        case _:
            return "notice", {}


def _settings(fields: Params) -> Mapping[str, Any]:
    given = fields.get("settings") or {}
    if not isinstance(given, Mapping):
        raise InputError("The field settings must be a table.")
    return given


def _deliver(session: Session, method: str, fields: Params) -> Mapping[str, Any]:
    known = read.text(fields, "id")
    # Mail to a task that has ended meanwhile is late, not wrong.
    return {"delivered": session.tasks.deliver(known, Mail(method, read.said(method, fields)))}


def _submit(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    request = read.task(fields)
    meant(session, fields)
    broker.submit(session, request)
    return {}


def _cancel(_broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    chosen = read.text(fields, "id") if fields.get("id") else None
    return {"cancelled": session.tasks.cancel(chosen)}


def _update(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    broker.configure(session, _settings(fields))
    return {}


def _answer(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    choice = read.text(fields, "choice")
    if "prompts" in fields:
        return broker.answer(session, read.names(fields, "prompts"), choice)
    return {"counted": session.answer(read.text(fields, "prompt"), choice)}


async def _state(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    what = read.text(fields, "what")
    return {"what": what, "data": await broker.state(session, what, meant(session, fields))}


async def _revoke(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await broker.revoke(session, read.names(fields, "ids"), meant(session, fields))


async def _trust(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await broker.trust(session, read.text(fields, "hash"), meant(session, fields))


async def _reject(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await broker.reject(session, read.text(fields, "hash"), meant(session, fields))


async def _exclude(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await broker.exclude(session, meant(session, fields))


async def _auth(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    provider, key = read.text(fields, "provider"), read.text(fields, "key")
    done = await broker.set_key(provider, key, test=read.field(fields, "test", bool, False))
    return {"what": "auth", "data": {**done, "core": session.settings.base_url}}


def _login(_broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    session.logins.start(read.text(fields, "provider"))
    return {}


def _no_login(_broker: Broker, session: Session, _fields: Params) -> Mapping[str, Any]:
    return {"cancelled": session.logins.cancel()}


def _stop(broker: Broker, _session: Session, _fields: Params) -> Mapping[str, Any]:
    broker.stop("asked to")
    return {}


_METHODS: Mapping[
    str,
    Callable[[Broker, Session, Params], Mapping[str, Any] | Coroutine[Any, Any, Mapping[str, Any]]],
] = {
    "task.submit": _submit,
    "task.cancel": _cancel,
    "settings.update": _update,
    "state.get": _state,
    "consent.answer": _answer,
    "consent.revoke": _revoke,
    "consent.trust": _trust,
    "consent.reject": _reject,
    "consent.exclude": _exclude,
    "auth.set": _auth,
    "auth.login": _login,
    "auth.cancel": _no_login,
    "broker.stop": _stop,
    **AGENT_METHODS,
    **KNOWING_METHODS,
}
