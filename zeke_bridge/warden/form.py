"""What makes an action malformed: shapes that nobody honest sends.

Knows nothing of lists, rules or grants.
"""

from __future__ import annotations

import re
import unicodedata

from zeke_bridge.model.action import FILE_OPS, Action, Op
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.warden.command.known import known
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.grants import endpoint

MAX_PATH = 4096
MAX_COMPONENT = 255
# What is over these is denied, for nobody could be shown all of it.
MAX_ARGUMENTS = 512
MAX_COMMAND = 16 * 1024
MAX_VARIABLES = 64
MAX_ENVIRONMENT = 8 * 1024
MAX_URL = 8192
MAX_TOOL = 256

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def path_problem(path: str) -> str:
    """Say why ``path`` cannot be one, else ``""``. Paths are literal: nothing expands."""
    if not path:
        return "The path is empty."
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "The path is not valid UTF-8."
    if size > MAX_PATH:
        return f"The path is over {MAX_PATH} bytes."
    if not path.isprintable() and any(_is_control(char) for char in path):
        return "The path holds a control character."
    if size > MAX_COMPONENT and any(len(part.encode()) > MAX_COMPONENT for part in path.split("/")):
        return f"A name in the path is over {MAX_COMPONENT} bytes."
    return ""


def malformed(action: Action, facts: Facts) -> str:
    """Say why ``action`` is malformed or its paths could not be resolved, else ``""``."""
    if action.op in FILE_OPS:
        problem = _path(action.path, facts.target)
        if not problem and action.op is Op.RENAME:
            problem = _path(action.to, facts.to)
        return problem
    if action.op is Op.EXECUTE:
        return _command(action, facts)
    if action.op is Op.NETWORK:
        return _url(action.url)
    if action.op is Op.MCP:
        return _tool(action.tool)
    return "The operation is not known."


def _path(path: str, target: Target | None) -> str:
    problem = path_problem(path)
    if problem:
        return problem
    if target is None:
        return "The path was not resolved."
    # What a link leads to has to be a proper path as well.
    return target.problem or path_problem(target.absolute)


def _command(action: Action, facts: Facts) -> str:
    if not action.argv or not action.argv[0]:
        return "There is no program to run."
    problem = _texts(action) or known(action.argv).problem
    if problem:
        return problem
    if facts.cwd is None:
        return "The working directory was not resolved."
    if facts.cwd.problem or facts.cwd.kind != "directory":
        return facts.cwd.problem or "The working directory is not a directory."
    return ""


def _texts(action: Action) -> str:
    """Look at the arguments and the changed variables before anything reads them."""
    pairs = action.env
    if len(action.argv) > MAX_ARGUMENTS or len(pairs) > MAX_VARIABLES:
        return "The command has too many arguments or variables to be shown, so it is not run."
    variables = [part for pair in pairs for part in pair]
    if any("\0" in text for text in (*action.argv, *variables)):
        return "The command holds a NUL."
    try:
        command = sum(len(text.encode()) for text in action.argv)
        environment = sum(len(text.encode()) for text in variables)
    except UnicodeEncodeError:
        return "The command is not valid UTF-8."
    if command > MAX_COMMAND or environment > MAX_ENVIRONMENT:
        return "The command is too long to be shown, so it is not run."
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        return "A variable is changed twice."
    if not all(_NAME.fullmatch(name) for name in names):
        return "A changed variable has no proper name."
    return ""


def _tool(name: str) -> str:
    # With a brace it could be taken for the target that a grant of another tool names.
    fits = 0 < len(name) <= MAX_TOOL and name.isprintable() and not name.startswith("{")
    return "" if fits else "The tool has no proper name."


def _url(url: str) -> str:
    if len(url) > MAX_URL:
        return f"The URL is over {MAX_URL} characters."
    try:
        endpoint(url)
    except ValueError as error:
        # An address that is none is quoted there, as long as it is.
        return f"The URL cannot be judged: {shorten(str(error), 120)}."
    return ""


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp")
