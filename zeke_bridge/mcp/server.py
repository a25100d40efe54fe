"""The tools of ``zeke mcp``, as a client's model is told of them, over a ``Link``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from zeke_bridge import __version__
from zeke_bridge.mcp.link import Link
from zeke_bridge.model.errors import ZekeError

_ALIVE_S = 10.0
_INSTRUCTIONS = (
    "What a person's Neovim knows, and a way to show them something there. The person may be asked "
    "before you are told, and looks at every edit before it is written: a call can take long. "
    "Paths are from the project's root."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

Path = Annotated[str, Field(description="The file, from the project's root or absolute.")]


class Edit(BaseModel):
    """One place of a file that is to be changed."""

    old_text: str = Field(description="The lines to be replaced, copied exactly; they occur once.")
    new_text: str = Field(description="What is to stand there.")


class Desk:
    """The tools; ``ctx`` is the SDK's, and names the client."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def list_buffers(self, ctx: Context) -> str:
        """List the files that are open in Neovim, and which of them is in front of the person."""
        return _json(await self._ask(ctx, "buffers"))

    async def read_buffer(self, path: Path, ctx: Context) -> str:
        """Read a file as Neovim has it: with changes that are not saved yet."""
        return str((await self._ask(ctx, "text", path=path))["text"])

    async def get_selection(self, ctx: Context) -> str:
        """What the person has selected in Neovim, with its file and lines."""
        return _json(await self._ask(ctx, "selection"))

    async def get_diagnostics(self, ctx: Context, path: Path = "") -> str:
        """Errors and warnings that Neovim shows, of one file or of all that are open."""
        said = await self._ask(ctx, "diagnostics", path=path)
        return str(said["diagnostics"]) or "There are none."

    async def open_file(
        self,
        path: Path,
        ctx: Context,
        line: Annotated[int, Field(description="The line to show, from 1.", ge=1)] = 1,
    ) -> str:
        """Show a line of a file to the person in Neovim."""
        said = await self._ask(ctx, "open", path=path, line=line)
        return f"{said['opened']} is open at line {said['line']}."

    async def propose_edit(
        self,
        path: Path,
        ctx: Context,
        text: Annotated[
            str | None, Field(description="All of the new text; for a new file, or a short one.")
        ] = None,
        edits: Annotated[
            list[Edit] | None, Field(description="Or places of the file to be changed.")
        ] = None,
    ) -> str:
        """Propose a change of a file. The person sees it as a diff in Neovim and takes all of it,
        a part of it, or nothing; the answer says which, and why. Nothing is written before.
        """
        given = [one.model_dump() for one in edits or ()]
        said = await self._ask(ctx, "propose", path=path, text=text, edits=given)
        if said["state"] in ("denied", "failed"):
            raise ToolError(str(said["words"]))
        return str(said["words"])

    async def _ask(self, ctx: Context, what: str, **fields: Any) -> Mapping[str, Any]:
        """Ask and wait, however long the person takes; the client hears that we are there."""
        params = ctx.session.client_params
        client = params.client_info.name if params is not None else ""
        work = asyncio.ensure_future(self._link.ask(what, client, fields))
        try:
            waited = 0
            while not (await asyncio.wait({work}, timeout=_ALIVE_S))[0]:
                waited += 1
                await ctx.report_progress(waited, None, "Waiting for the person in Neovim.")
            return work.result()
        except ZekeError as error:
            raise ToolError(error.message) from error
        finally:
            work.cancel()


def server(link: Link) -> MCPServer:
    """The server, not running yet."""
    made: MCPServer = MCPServer(
        "zeke",
        title="Zeke: what Neovim knows",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        subscriptions=False,
    )
    desk = Desk(link)
    for tool, hints in (
        (desk.list_buffers, _READS),
        (desk.read_buffer, _READS),
        (desk.get_selection, _READS),
        (desk.get_diagnostics, _READS),
        (desk.open_file, _WRITES),
        (desk.propose_edit, _WRITES),
    ):
        made.add_tool(tool, annotations=hints, structured_output=False)
    return made


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
