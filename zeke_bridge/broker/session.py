"""One connected editor: its settings, its tasks, what it was asked and what it remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from zeke_bridge.broker.agents.seen import Seen
from zeke_bridge.broker.asking import Asking
from zeke_bridge.broker.collector import Collector
from zeke_bridge.broker.consent.prompts import LIMIT_S, PromptQueue
from zeke_bridge.broker.consent.session import Alone, ConsentSession, Neighbours
from zeke_bridge.broker.login import Logins
from zeke_bridge.broker.meant import meant
from zeke_bridge.broker.ports import EventSink, ModelClient
from zeke_bridge.broker.services import Projects, Services
from zeke_bridge.broker.tasks import TaskTable
from zeke_bridge.config.settings import Settings
from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.exchange import Audience, Receipt, Snippet
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Attachment, Buffer, TaskRequest
from zeke_bridge.model.verdict import Ruling
from zeke_bridge.warden.prompt import Prompt
from zeke_bridge.warden.why import mark

if TYPE_CHECKING:
    from zeke_bridge.agents.effects import Effects
    from zeke_bridge.agents.loop.kit import ForeignTool

# What was typed before the prompt was there is not meant for it.
PROMPT_GUARD_MS = 400
_FREE_FIRST = (Ruling.ALLOW, Ruling.ASK, Ruling.ASK_ONCE, Ruling.DENY)
_GRANTED = frozenset({"session_grant", "project_grant"})
# Where git keeps what a model would be told of the branch and the commits.
_HISTORY = (".git", ".git/HEAD", ".git/logs/HEAD", ".git/refs/heads", ".git/objects")


@dataclass(frozen=True, slots=True)
class Source:
    """Text that a model may now see, and who may see it."""

    snippet: Snippet
    audience: Audience


class ToolServers(Protocol):
    """The MCP servers that the chats of one editor share, by project."""

    async def tools(self, root: str, effects: Effects) -> list[ForeignTool]:
        """Their tools for a chat in ``root``; the servers are started when they have to be."""
        ...

    async def aclose(self) -> None:
        """End them."""
        ...


class Session:
    """The broker's side of one editor, from ``hello`` to the end of its connection."""

    def __init__(
        self,
        session_id: str,
        sink: EventSink,
        services: Services,
        *,
        cwd: str,
        settings: Settings,
        ui: bool = True,
        reviews: bool = True,
        neighbours: Neighbours | None = None,
        answered: Callable[[Session, Receipt], None] | None = None,
    ) -> None:
        """``ui``: whether it can show prompts, ``reviews``: and changes, and answer for itself.

        ``answered`` is told of each receipt.
        """
        self.id, self.sink, self.services = session_id, sink, services
        self.cwd = cwd
        self.here = cwd
        """The directory its person was in when they last did something."""
        self.settings = settings
        self.tasks = TaskTable(sink, self.announce)
        self.logins = Logins(services.accounts, sink)
        self.reviews = reviews
        self.asking = Asking(sink, answers=reviews)
        self.last: Receipt | None = None
        self.foreign: ToolServers | None = None
        """Once one of its chats wanted their tools."""
        self.seen = Seen()  # What MCP clients were shown; each call is a new one of them.
        self.toolless: set[str] = set()
        """The models, as they are asked for, that took no tools with these settings."""
        self._answered = answered
        beside = neighbours if neighbours is not None else Alone()
        self.consents = ConsentSession(session_id, settings.rules, self.notify, neighbours=beside)
        if ui:
            self.consents.prompts = PromptQueue(
                PromptWindow(sink, self.project), changed=self._asked
            )
        self._writing: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many questions wait for this editor's person."""
        return len(self.consents.prompts) if self.consents.prompts is not None else 0

    async def close(self) -> None:
        """End every task and login, and wait for what is being written."""
        self.logins.cancel()
        self.asking.close()
        await self.tasks.close()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def configure(self, settings: Settings) -> None:
        """Let new settings count from now on."""
        self.settings = settings
        self.toolless.clear()
        self.consents.rules = settings.rules
        prompts = self.consents.prompts
        if prompts is not None:
            for root in {item.root for item in prompts.waiting()}:
                self.consents.neighbours.reconsider(root)
        self.announce()

    def project(self) -> str:
        """The project that its person is in."""
        return self.root("", self.here)

    def client(self) -> ModelClient:
        """The routing core that this editor uses."""
        return self.services.cores.client(self.settings)

    def collector(self) -> Collector:
        """Where analyses for that core are gathered."""
        return self.services.cores.collector(self.settings)

    def exists(self, root: str, path: str) -> bool:
        """Whether something is at ``path`` of the project already."""
        return self.services.files.exists(root, path)

    @property
    def projects(self) -> Projects:
        """What is known of projects."""
        return self.services.projects

    def root(self, path: str, cwd: str = "") -> str:
        """The project that ``path`` belongs to; without a path that of the editor."""
        return self.services.projects.root(path, cwd or self.cwd)

    def audience(self, request: TaskRequest) -> Audience:
        """Which model the task wants, and who may see its text."""
        path = request.buffer.path if request.buffer else request.path
        return self._audience(request, self.root(path, request.cwd))

    def _audience(self, request: TaskRequest, root: str) -> Audience:
        return Audience(
            request.model or self.settings.default_model,
            self.services.projects.opaque_id(root),
            self._stays_here(request, root),
        )

    def _stays_here(self, request: TaskRequest, root: str) -> bool:
        """Whether any consent file that has a say keeps the text on this machine."""
        buffer = request.buffer
        told = self.whose(buffer, request.cwd) if buffer and buffer.path else ()
        here = told or (request.path or request.cwd,)
        return self.keeps_here(root, *here, *request.places, *self.attached(request))

    def attached(self, request: TaskRequest) -> set[str]:
        """Where the text comes from, or may, that is mentioned in the conversation."""
        given = (one for turn in request.messages for one in turn.attachments if one.path)
        return {path for one in given for path in self.whose(one, request.cwd)}

    def whose(self, given: Buffer | Attachment, cwd: str) -> tuple[str, ...]:
        """The files that a text with a path may be of. Raises ``InputError``."""
        return tuple(action.path for action in self._readings(given, cwd, ASSISTANT))

    def reading(self, given: Buffer | Attachment, cwd: str, subject: Subject = ASSISTANT) -> Action:
        """What has to be allowed before ``subject`` is shown a text with a path.

        Of the files that it may be of, the one that GhostWarden is strictest about counts; a yes to
        the whole name stands for those that would only be asked about. Raises ``InputError``.
        """
        wanted = self._readings(given, cwd, subject)
        if len(wanted) == 1:
            return wanted[0]
        found = [self.services.gate.verdict(action, self.consents) for action in wanted]
        strictest = max(range(len(found)), key=lambda at: _FREE_FIRST.index(found[at].ruling))
        if found[0].step in _GRANTED and found[strictest].ruling is Ruling.ASK:
            return wanted[0]
        return wanted[strictest]

    def _readings(self, given: Buffer | Attachment, cwd: str, subject: Subject) -> Sequence[Action]:
        own = self.root(given.path, cwd)
        if given.is_file:
            return [Action(Op.READ, own, subject, path=given.path)]
        # Such a name may lead into one project, and the text be of another's worktree.
        found = [(own, path) for path in meant(given.path, own)]
        here = self.root("", cwd)
        found += [(here, path) for path in meant(given.path, here)[1:] if here != own]
        return [Action(Op.READ, root, subject, path=path) for root, path in found]

    def keeps_here(self, *places: str) -> bool:
        """Whether a consent file that has a say over one of ``places`` keeps its text here."""
        bound = self.services.projects.bound_by(places, self.cwd)
        return any(self.services.gate.local_only(one) for one in bound)

    async def source(self, request: TaskRequest, *, quiet: bool = False) -> Source:
        """The text of the request's range, once the model may read that file.

        Raises ``ConsentError`` when it may not; with ``quiet`` nobody is asked. A buffer without a
        name is shown at once: the person typed it here and asked about it here.
        """
        buffer = request.buffer
        if buffer is None:
            raise ValueError("this kind of task has no buffer")
        path, root = "", self.root(buffer.path, request.cwd)
        if buffer.path:
            action = self.reading(buffer, request.cwd)
            permit = await self.authorize(action, quiet=quiet, result="shown to the model")
            path = permit.verdict.target
        lines = buffer.text.split("\n")
        if len(lines) > buffer.end_line - buffer.start_line + 1:
            lines = lines[buffer.start_line - 1 : buffer.end_line]
        snippet = Snippet("\n".join(lines), path, buffer.language, buffer.start_line)
        return Source(snippet, self._audience(request, root))

    async def authorize(self, action: Action, *, quiet: bool = False, result: str = "") -> Permit:
        """A permit for ``action``, or a ``ConsentError``; with ``quiet`` nobody is asked.

        Where ``result`` is known now, the permit is used up.
        """
        return await self.services.gate.authorize(action, self.consents, quiet=quiet, result=result)

    def would_ask(self, action: Action) -> bool:
        """Whether ``authorize`` would ask the person now."""
        return self.services.gate.asks(action, self.consents)

    def caution(self, action: Action) -> tuple[str, str]:
        """What its person has to know before they want it, as a mark and a sentence.

        Both are empty where GhostWarden asks about it like about any other.
        """
        verdict = self.services.gate.verdict(action, self.consents)
        return (
            (mark(verdict.step), verdict.reason) if verdict.ruling is Ruling.ASK_ONCE else ("", "")
        )

    async def open_names(
        self, root: str, paths: Sequence[str], subject: Subject = ASSISTANT
    ) -> tuple[str, ...]:
        """Those of ``paths`` (from ``root``) whose files a model may read without a question."""
        return await self.services.gate.open_names(root, paths, self.consents, subject)

    async def may_tell_history(self, root: str, subject: Subject = ASSISTANT) -> bool:
        """Whether a model may know what git keeps of the project: its branch and its commits."""
        return len(await self.open_names(root, _HISTORY, subject)) == len(_HISTORY)

    async def record_names(
        self, root: str, names: int, commits: int, subject: Subject = ASSISTANT
    ) -> None:
        """Put into the audit log what a model is about to be told. Raises ``AuditError``."""
        said = f"{names} file names, {commits} commit subjects"
        await self.services.gate.record_shown(root, said, self.consents, subject)

    async def read(self, permit: Permit, limit: int, *, use: str = "shown to the model") -> bytes:
        """Use ``permit`` up by reading; ``use`` is what the audit log says became of the text.

        Raises ``ConsentError``, ``StoreError``, and ``InputError`` over ``limit`` bytes.
        """
        result = "failed"
        try:
            content = await asyncio.to_thread(self.services.files.read, permit, limit)
            result = use
        except ZekeError as error:
            result = error.code
            raise
        finally:
            await self.record(permit, result)
        return content

    async def write(self, permit: Permit, content: bytes) -> None:
        """Use ``permit`` up by writing ``content``; the audit log gets the result.

        Cancelled, it is written all the same: a thread cannot be called back, and what became of
        it has to be written down. Raises ``ConsentError`` or ``StoreError``; then nothing was
        written.
        """
        work = asyncio.get_running_loop().create_task(self._write(permit, content))
        self._writing.add(work)
        work.add_done_callback(self._writing.discard)
        await asyncio.shield(work)

    async def _write(self, permit: Permit, content: bytes) -> None:
        result = "failed"
        try:
            # fsync can take its time; other editors are served meanwhile.
            await asyncio.to_thread(self.services.files.write, permit, content)
            result = "done"
        except ZekeError as error:
            result = error.code
            raise
        finally:
            await self.record(permit, result)

    async def record(self, permit: Permit, result: str) -> None:
        """Put what became of an allowed action into the audit log, and let its handle go."""
        permit.close()
        await self.services.gate.record_result(permit, result, self.consents)

    def answer(self, prompt: str, choice: str) -> bool:
        """The person's answer to a prompt; False when it does not count."""
        prompts = self.consents.prompts
        return prompts is not None and prompts.answer(prompt, choice)

    def _asked(self, root: str) -> None:
        self.announce()
        self.consents.neighbours.changed(root, self.consents)

    def announce(self) -> None:
        """Tell the editor how many tasks run and prompts wait."""
        self.sink.send(
            "status.changed",
            {
                "tasks": len(self.tasks),
                "waiting": self.waiting,
                "model": self.settings.default_model,
            },
        )

    def notify(self, level: str, message: str) -> None:
        """Show the person a sentence; ``level`` is info, warn or error."""
        self.sink.send("notice", {"level": level, "message": message})

    def receipt(self, receipt: Receipt) -> dict[str, Any]:
        """Keep the receipt of the last answer, and give it as fields of ``task.done``."""
        self.last = receipt
        if self._answered is not None:
            self._answered(self, receipt)
        return receipt_fields(receipt)


class PromptWindow:
    """Shows prompts in one editor, whose person is in ``project``: an ``Asker`` over its events."""

    def __init__(self, sink: EventSink, project: Callable[[], str]) -> None:
        self._sink = sink
        self._project = project

    def show(self, prompt_id: str, prompt: Prompt, position: int, total: int) -> None:
        """Send ``consent.asked``; every string in it is escaped already."""
        place = {"prompt": prompt_id, "position": position, "total": total}
        limits = {"expires_in": int(LIMIT_S), "guard_ms": PROMPT_GUARD_MS}
        self._sink.send("consent.asked", prompt.fields(self._project()) | place | limits)

    def close(self, prompt_id: str, outcome: str) -> None:
        """Send ``consent.closed``."""
        self._sink.send("consent.closed", {"prompt": prompt_id, "outcome": outcome})


def receipt_fields(receipt: Receipt) -> dict[str, Any]:
    """``model``, ``provider``, ``route``, ``usage``, ``cost``, ``cached``, ``request_id``."""
    # Its module takes pydantic with it, and an editor waits for the broker's first answer.
    from zeke_bridge.wire.zeke import Envelope

    return Envelope.fields_of(receipt)
