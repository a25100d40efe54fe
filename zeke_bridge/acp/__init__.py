"""``zeke acp``: the bridge as an ACP agent on standard input and output, in front of any agent.

A process of its own between an editor that speaks the Agent Client Protocol and the broker. The
agent behind it is the broker's; all that it does passes GhostWarden there. Decides nothing.
"""
