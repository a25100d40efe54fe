"""One MCP server: started, greeted, asked for its tools, called, ended.

Its session with the SDK has a task of its own, for it has to be left where it was entered. Does not
know who is asked before any of it, but that its start asks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

import mcp_types as types
from mcp.client.session import ClientRequestContext, ClientSession
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from zeke_bridge import __version__
from zeke_bridge.agents.child import Child, Launch, Start
from zeke_bridge.agents.ending import Ending
from zeke_bridge.agents.mcp.definition import Definition, definition
from zeke_bridge.agents.mcp.pipe import Pipe
from zeke_bridge.agents.mcp.questions import Ask, Questions
from zeke_bridge.agents.mcp.result import text_of
from zeke_bridge.model.errors import AgentError, ZekeError
from zeke_bridge.warden.escape import shorten

log = logging.getLogger(__name__)

GREETING_S = 60.0
"""Its first answer; some are fetched from a registry first."""
LIST_S = 15.0
CALL_S = 600.0
MOST_TOOLS = 64
_MOST_PAGES = 20
_MOST_ROUNDS = 10
_MOST_WORDS = 8_000
_RESULT: TypeAdapter[types.CallToolResult | types.InputRequiredResult] = TypeAdapter(
    types.CallToolResult | types.InputRequiredResult
)
_T = TypeVar("_T")


class Server:
    """``name`` is what the person calls it. Open it once, and close it."""

    def __init__(self, name: str, launch: Launch, start: Start, ask: Ask | None) -> None:
        self.name = name
        self.left_out: tuple[str, ...] = ()
        """Why tools of its last listing are not among those that ``tools`` gave."""
        self._launch = launch
        self._start = start
        self._questions = Questions(name, launch.cwd, ask)
        self._over = asyncio.Event()
        self._session: ClientSession | None = None
        self._ending: Ending | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start it and greet it.

        Raises ``ConsentError``, ``ProcessError``, or ``AgentError`` when it is no MCP server.
        """
        child = await self._start(self._launch)
        self._ending = Ending(child, f"The MCP server {self.name}", lambda _: None, self._leave)
        loop = asyncio.get_running_loop()
        greeted: asyncio.Future[ClientSession] = loop.create_future()
        self._task = loop.create_task(self._run(child, self._ending, greeted))
        try:
            self._session = await greeted
        except BaseException:
            await self.aclose()
            raise

    async def tools(self) -> Sequence[Definition]:
        """What it offers now. Raises ``AgentError``."""
        found: dict[str, Definition] = {}
        left_out: list[str] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            params = types.PaginatedRequestParams(cursor=cursor) if cursor else None
            page = await self._asked(self._open_session().list_tools(params=params), LIST_S)
            for tool in page.tools:
                try:
                    one = definition(tool.model_dump(mode="json", by_alias=True, exclude_none=True))
                except ValueError as error:
                    left_out.append(str(error))
                    continue
                if len(found) == MOST_TOOLS and one.name not in found:
                    left_out.append(f"there are more than {MOST_TOOLS}")
                    cursor = None
                    break
                found.setdefault(one.name, one)
            else:
                cursor = page.next_cursor
            if not cursor:
                break
        self.left_out = tuple(left_out)
        return tuple(found.values())

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The text of its result. Raises ``AgentError``, also for what the tool calls an error."""
        result = await self._asked(self._call(tool, arguments), CALL_S)
        text = text_of(result)
        if result.is_error:
            raise AgentError(f"{tool} failed: {text[:_MOST_WORDS]}")
        return text

    async def aclose(self) -> None:
        """End it."""
        if self._ending is not None:
            self._ending.wanted = True
            await self._ending.sentence()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(
        self, child: Child, ending: Ending, greeted: asyncio.Future[ClientSession]
    ) -> None:
        """Hold the session from the greeting to the end."""
        pipe = Pipe(child, ending.begin)
        session = ClientSession(
            pipe.incoming,
            pipe.outgoing,
            elicitation_callback=self._questions.elicited,
            list_roots_callback=self._questions.roots,
            client_info=types.Implementation(name="zeke", title="Zeke", version=__version__),
        )
        try:
            async with session:
                try:
                    await self._asked(_greet(session), GREETING_S)
                    if not greeted.done():
                        greeted.set_result(session)
                except ZekeError as error:
                    if not greeted.done():
                        greeted.set_exception(error)
                await self._over.wait()
        except Exception:
            log.exception("the session with an MCP server broke")
        finally:
            if not greeted.done():
                greeted.set_exception(AgentError(f"The session with {self.name} broke."))

    async def _call(self, tool: str, arguments: Mapping[str, Any]) -> types.CallToolResult:
        """One call, and what the server wants to know before it answers."""
        session = self._open_session()
        params = types.CallToolRequestParams(name=tool, arguments=dict(arguments))
        for _ in range(_MOST_ROUNDS):
            # Not ``call_tool``: it matches results with patterns of the server's, which can hang.
            result = await session.send_request(types.CallToolRequest(params=params), _RESULT)
            if isinstance(result, types.CallToolResult):
                return result
            answers: dict[str, Any] = {}
            for key, wanted in (result.input_requests or {}).items():
                context = ClientRequestContext(session=session, request_id=key)
                answer = await session.dispatch_input_request(context, wanted)
                if isinstance(answer, types.ErrorData):
                    raise MCPError.from_error_data(answer)
                answers[key] = answer
            params = params.model_copy(
                update={"input_responses": answers, "request_state": result.request_state}
            )
        raise AgentError(f"{tool} asks for more and more, and does nothing.")

    def _open_session(self) -> ClientSession:
        if self._session is None:
            raise AgentError(f"The MCP server {self.name} is not open.")
        return self._session

    async def _asked(self, work: Awaitable[_T], limit: float) -> _T:
        """What ``work`` gives; what goes wrong with a server is an ``AgentError``."""
        try:
            async with asyncio.timeout(limit):
                return await work
        except MCPError as error:
            if error.code == types.CONNECTION_CLOSED and self._ending is not None:
                raise AgentError(await self._ending.sentence()) from error
            said = shorten(error.message, _MOST_WORDS)
            raise AgentError(f"The MCP server {self.name} says: {said}") from error
        except TimeoutError as error:
            raise AgentError(f"{self.name} has not answered in {limit:g} s.") from error
        except (ValidationError, RuntimeError, ValueError, TypeError) as error:
            raise AgentError(f"What {self.name} answered makes no sense.") from error

    async def _leave(self) -> None:
        """Leave the session. Not waited for: its greeting may wait for this very ending."""
        self._over.set()


async def _greet(session: ClientSession) -> None:
    try:
        await session.initialize()
    except MCPError as error:
        # It speaks only what came after the handshake.
        if error.code != types.UNSUPPORTED_PROTOCOL_VERSION:
            raise
        await session.discover()
