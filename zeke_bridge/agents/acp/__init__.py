"""The ACP host: a program behind the Agent Client Protocol, as an ``Agent``.

https://agentclientprotocol.com, protocol version 1, by the SDK ``agent-client-protocol``. To be
imported only when an agent is opened: the SDK takes time and memory.
"""
