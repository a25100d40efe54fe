"""The ``ghostllm`` command: the routing core by itself, and what it can be asked.

Imports of the core stay inside the commands, so that ``--help`` is quick.
"""

from zeke_bridge.cli.ghostllm.app import app, main

__all__ = ["app", "main"]
