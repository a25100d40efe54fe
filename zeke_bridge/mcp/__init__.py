"""``zeke mcp``: a server that offers what Neovim knows to any client of MCP.

https://modelcontextprotocol.io, by its official SDK. A process of its own; what it tells and does
is asked of the broker, in the client's name.
"""
