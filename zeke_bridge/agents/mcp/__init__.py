"""MCP servers of the person's own, as tools of the built-in assistant.

https://modelcontextprotocol.io, by its official SDK ``mcp``. ``servers`` is the way in and loads
the SDK when there is a server to be started: it takes time and memory.
"""
