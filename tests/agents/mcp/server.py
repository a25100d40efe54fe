"""An MCP server by the SDK, for tests: well behaved, over standard input and output."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

PAGE = 2


def tool(name: str, description: str = "", /, **properties: str) -> types.Tool:
    schema = {"type": "object", "properties": {key: {"type": t} for key, t in properties.items()}}
    return types.Tool(name=name, description=description or name, input_schema=schema)


TOOLS = [
    tool("add", "Add two numbers.", a="integer", b="integer"),
    tool("everything", "One of each kind of content."),
    tool("fail", "It always fails."),
    tool("where", "The roots of the client."),
    tool("greet", "Asks for a name."),
    tool("sample", "Wants the client's model."),
    tool("environment", "A variable of its environment.", name="string"),
]


async def listed(
    _ctx: object, params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    start = int(params.cursor) if params and params.cursor else 0
    after = start + PAGE
    return types.ListToolsResult(
        tools=TOOLS[start:after], next_cursor=str(after) if after < len(TOOLS) else None
    )


def text(said: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=said)])


def everything() -> types.CallToolResult:
    link = types.ResourceLink(name="notes", uri="file:///notes.txt")
    held = types.TextResourceContents(uri="file:///a.txt", text="inside")
    return types.CallToolResult(
        content=[
            types.TextContent(text="plain"),
            types.ImageContent(data="QUJD", mime_type="image/png"),
            link,
            types.EmbeddedResource(resource=held),
        ],
        structured_content={"answer": 42},
    )


async def greeted(ctx: object) -> types.CallToolResult:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    reply = await ctx.session.elicit_form("Who are you?", schema)  # type: ignore[attr-defined]
    return text(json.dumps([reply.action, reply.content]))


async def called(ctx: object, params: types.CallToolRequestParams) -> types.CallToolResult:
    given = params.arguments or {}
    match params.name:
        case "add":
            return text(str(given["a"] + given["b"]))
        case "everything":
            return everything()
        case "where":
            roots = await ctx.session.list_roots()  # type: ignore[attr-defined]
            return text(str([str(one.uri) for one in roots.roots]))
        case "greet":
            return await greeted(ctx)
        case "sample":
            message = types.SamplingMessage(role="user", content=types.TextContent(text="hello"))
            await ctx.session.create_message([message], max_tokens=5)  # type: ignore[attr-defined]
            return text("sampled")
        case "environment":
            return text(os.environ.get(given["name"], "(nothing)"))
        case _:
            failed = types.TextContent(text="it is broken")
            return types.CallToolResult(content=[failed], is_error=True)


async def main() -> None:
    server: Server[dict[str, object]] = Server("good", on_list_tools=listed, on_call_tool=called)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text("started")
    anyio.run(main)
