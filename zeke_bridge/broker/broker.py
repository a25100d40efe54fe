"""The broker: all editors of one user, and what is asked of it as a whole."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zeke_bridge import __version__
from zeke_bridge.broker.accounts import accounts
from zeke_bridge.broker.alerts import CostAlerts
from zeke_bridge.broker.budgets import Budgets
from zeke_bridge.broker.changed import changed
from zeke_bridge.broker.consent.inbox import answer
from zeke_bridge.broker.editors import Editors
from zeke_bridge.broker.figures import figures
from zeke_bridge.broker.models import models
from zeke_bridge.broker.names import names
from zeke_bridge.broker.ports import Clock, EventSink
from zeke_bridge.broker.services import Services
from zeke_bridge.broker.session import Session, receipt_fields
from zeke_bridge.broker.tasks import Running
from zeke_bridge.config.settings import parse
from zeke_bridge.model.errors import ConfigError, ConsentError, InputError, ZekeError
from zeke_bridge.model.exchange import Budget, Receipt
from zeke_bridge.model.task import TaskKind, TaskRequest
from zeke_bridge.model.verdict import Choice

if TYPE_CHECKING:
    from zeke_bridge.broker.agents.sessions import AgentSessions

log = logging.getLogger(__name__)

# Before one of these no model was asked. A connection that breaks may do so in a paid answer.
_FREE = (InputError, ConsentError, ConfigError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where this broker is found: its socket and its log file."""

    socket: str
    log: str


class Broker:
    """Opens and closes sessions, and answers what is not of one task alone."""

    def __init__(
        self,
        services: Services,
        clock: Clock,
        place: Place,
        *,
        configured: Callable[[], Mapping[str, Any]],
        stop: Callable[[str], None],
        idle: Callable[[bool], None],
    ) -> None:
        """``configured`` reads the user's own configuration file, ``stop`` ends the broker for a
        reason, ``idle`` is told when the last editor has left and when the first has come.
        """
        self._services = services
        self._clock = clock
        self._place = place
        self._configured = configured
        self._started = clock.now()
        self._numbers = itertools.count(1)
        self._idle = idle
        self._alerts = CostAlerts()
        self._budgets = Budgets(self._standing)
        self._agents: dict[str, AgentSessions] = {}
        self.stop = stop
        self.editors = Editors()

    def open(
        self,
        sink: EventSink,
        *,
        cwd: str,
        pid: int,
        settings: Mapping[str, Any],
        runtimepath: tuple[str, ...] = (),
        ui: bool = True,
        reviews: bool = True,
        unsaved: frozenset[str] | None = None,
    ) -> Session:
        """A session for an editor that has said a good hello. Raises ``ConfigError``.

        ``ui``: it can show prompts. Those of one that cannot go to another of its project.
        ``reviews``: it can show changes and answer for itself. ``unsaved``: see ``Asking``.
        """
        session = Session(
            f"s{next(self._numbers)}",
            sink,
            self._services,
            cwd=cwd,
            settings=parse(settings, beneath=self._configured()),
            ui=ui,
            reviews=reviews,
            neighbours=self.editors,
            answered=self._answered,
        )
        session.consents.runtimepath = runtimepath
        session.asking.unsaved = unsaved
        self.editors.came(session)
        self._idle(False)
        log.info("editor came", extra={"fields": {"session": session.id, "pid": pid}})
        return session

    def close(self, session: Session) -> None:
        """The editor is gone: end its tasks and its login, deny what it was asked."""
        session.tasks.cancel()
        session.logins.cancel()
        session.asking.close()
        session.consents.close()
        if session.foreign is not None or session.id in self._agents:
            self.agents(session).leave()
            del self._agents[session.id]
        self.editors.left(session)
        log.info("editor left", extra={"fields": {"session": session.id}})
        if not self.editors:
            self._budgets.cancel()
            self._idle(True)

    def configure(self, session: Session, settings: Mapping[str, Any]) -> None:
        """Replace the settings of one editor. Raises ``ConfigError``; then the old ones stay."""
        session.configure(parse(settings, beneath=self._configured()))

    def greeting(self, session: Session) -> dict[str, Any]:
        """The fields of ``broker.ready``."""
        return {
            "version": __version__,
            "pid": os.getpid(),
            "session": session.id,
            "log": self._place.log,
            "project": self._services.desk.brief(session.root("")),
        }

    def submit(self, session: Session, request: TaskRequest) -> None:
        """Start a task. Raises ``InputError``."""
        # An editor waits for the broker's first answer, which is none of these.
        from zeke_bridge.broker.jobs import JOBS

        run = self.agents(session).turn if request.kind is TaskKind.AGENT else JOBS[request.kind]

        async def job(running: Running) -> Mapping[str, Any]:
            try:
                return await run(session, running)
            except _FREE:
                raise
            except BaseException:
                self._lost(session)
                raise

        session.tasks.submit(request, job)

    def agents(self, session: Session) -> AgentSessions:
        """The agents that this editor has open."""
        if session.id not in self._agents:
            # As with the jobs.
            from zeke_bridge.broker.agents.sessions import AgentSessions

            self._agents[session.id] = AgentSessions(session)
        return self._agents[session.id]

    async def state(self, session: Session, what: str, cwd: str) -> dict[str, Any]:
        """What ``state.get`` asks for. Raises ``InputError`` or ``CoreError``."""
        match what:
            case "tasks":
                return {"tasks": session.tasks.describe()}
            case "status":
                return await self._status(session)
            case "models":
                return await models(session)
            case "providers":
                return await accounts(session)
            case "files":
                return await names(session, cwd)
            case "changed":
                return await changed(session, cwd)
            case "stats":
                return {"where": session.settings.base_url or "embedded", **await figures(session)}
            case "consents":
                return await self._consents(session, cwd)
            case "health":
                core = await self._core(session)
                return {"core": core, "consents": await self._consents(session, cwd)}
            case _:
                raise InputError(f"There is no state called {what}.")

    def answer(self, session: Session, ids: Sequence[str], choice: str) -> dict[str, Any]:
        """Answer several questions of the inbox; how many that were.

        The person is told of those that stay. Raises ``InputError``.
        """
        if choice not in set(Choice):
            raise InputError(f"There is no answer {choice}: {', '.join(Choice)}.")
        others = self.editors.others(session)
        counted, rest = answer(ids, Choice(choice), session.consents, others, session.project())
        if rest:
            session.notify("warn", rest)
        return {"counted": counted}

    async def revoke(self, session: Session, ids: tuple[str, ...], cwd: str) -> dict[str, Any]:
        """Take grants and refusals back; how many there were. Raises ``StoreError``."""
        root = session.root("", cwd)
        others = self.editors.others(session)
        try:
            count = await self._services.desk.revoke(session.consents, root, ids, others)
        finally:
            self.editors.reconsider(root)
        return {"revoked": count}

    async def trust(self, session: Session, file_hash: str, cwd: str) -> dict[str, Any]:
        """Believe the project's consent file of this hash. Raises ``StoreError``."""
        root = session.root("", cwd)
        await self._services.desk.trust(root, file_hash)
        self.editors.reconsider(root)
        return {}

    async def reject(self, session: Session, file_hash: str, cwd: str) -> dict[str, Any]:
        """Never believe the project's consent file of this hash. Raises ``StoreError``."""
        root = session.root("", cwd)
        await self._services.desk.reject(root, file_hash)
        self.editors.reconsider(root)
        return {}

    async def exclude(self, session: Session, cwd: str) -> dict[str, Any]:
        """Keep the project's consent file out of git. Raises ``StoreError``."""
        root = session.root("", cwd)
        await self._services.desk.exclude(session.consents, root)
        self.editors.changed(root)
        return {}

    async def set_key(self, provider: str, key: str, *, test: bool) -> dict[str, Any]:
        """Keep a provider's key; with ``test`` only when the provider itself takes it.

        ``stored`` says where it went and is empty when it was not kept; ``outcome``, ``message``
        and ``models`` are those of a ``KeyTrial``. Raises ``ZekeError``.
        """
        told: dict[str, Any] = {"provider": provider, "stored": ""}
        if test:
            trial = await self._services.accounts.test(provider, key)
            told |= asdict(trial)
            if trial.outcome != "works":
                return told
        return told | {"stored": await self._services.accounts.keep(provider, key)}

    def _answered(self, session: Session, receipt: Receipt) -> None:
        """Tell every editor when an answer has brought a cost limit near."""
        if receipt.budget is not None:
            self._standing(session.settings.base_url or "", receipt.budget)

    def _lost(self, session: Session) -> None:
        """What a task that brought no receipt has cost is told by the core itself."""
        # One that ends with its editor has nobody to tell it to.
        if session in self.editors:
            self._budgets.look(session.settings.base_url or "", session.client)

    def _standing(self, core: str, budget: Budget) -> None:
        if (alert := self._alerts.passed(core, budget)) is not None:
            for one in self.editors:
                one.sink.send("cost.alert", asdict(alert))

    async def _status(self, session: Session) -> dict[str, Any]:
        return {
            "broker": {
                "version": __version__,
                "pid": os.getpid(),
                "socket": self._place.socket,
                "log": self._place.log,
                "uptime_s": self._clock.now() - self._started,
                "editors": len(self.editors),
                "tasks": sum(len(one.tasks) for one in self.editors),
                "waiting": sum(one.waiting for one in self.editors),
            },
            "tasks": session.tasks.describe(),
            "model": session.settings.default_model,
            "last": receipt_fields(session.last) if session.last is not None else None,
            "core": await self._core(session),
        }

    async def _core(self, session: Session) -> dict[str, Any]:
        where = session.settings.base_url or "embedded"
        try:
            health = await session.client().health()
        except ZekeError as error:
            return {"where": where, "status": "unreachable", "message": error.message}
        return {**asdict(health), "where": health.where or where}

    async def _consents(self, session: Session, cwd: str) -> dict[str, Any]:
        others = self.editors.others(session)
        return await self._services.desk.state(session.consents, session.root("", cwd), others)
