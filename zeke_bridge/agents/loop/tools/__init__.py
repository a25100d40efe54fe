"""The tools of the built-in assistant, one a module."""

from __future__ import annotations

from zeke_bridge.agents.loop.tools.create_file import CREATE_FILE
from zeke_bridge.agents.loop.tools.diagnostics import DIAGNOSTICS
from zeke_bridge.agents.loop.tools.edit_file import EDIT_BY_INSTRUCTION, EDIT_FILE
from zeke_bridge.agents.loop.tools.git import GIT_DIFF, GIT_LOG
from zeke_bridge.agents.loop.tools.list_files import LIST_FILES
from zeke_bridge.agents.loop.tools.read_file import READ_FILE
from zeke_bridge.agents.loop.tools.run_command import RUN_COMMAND
from zeke_bridge.agents.loop.tools.search import SEARCH
from zeke_bridge.agents.loop.tools.update_plan import UPDATE_PLAN

TOOLS = (
    READ_FILE,
    LIST_FILES,
    SEARCH,
    EDIT_FILE,
    CREATE_FILE,
    RUN_COMMAND,
    DIAGNOSTICS,
    GIT_DIFF,
    GIT_LOG,
    UPDATE_PLAN,
)
"""For a model that calls tools."""

__all__ = [
    "CREATE_FILE",
    "DIAGNOSTICS",
    "EDIT_BY_INSTRUCTION",
    "EDIT_FILE",
    "GIT_DIFF",
    "GIT_LOG",
    "LIST_FILES",
    "READ_FILE",
    "RUN_COMMAND",
    "SEARCH",
    "TOOLS",
    "UPDATE_PLAN",
]
