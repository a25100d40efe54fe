"""Which project a ``zeke warden`` command is about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from zeke_bridge.model.errors import InputError
from zeke_bridge.workspace.project import find_root

Project = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="The project's directory. Default: the git root above the current directory.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A TOML file with the keys of setup(). Only it counts then, not your own.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def chosen(project: str | None) -> str:
    """Return the root that ``--project`` names, taken as it is, or the one around us.

    Raises:
        InputError: there is no such directory.
    """
    if project == "":
        raise InputError("The name of the project's directory is empty.")
    try:
        if project is None:
            return find_root("", str(Path.cwd()))
        real = os.path.realpath(project, strict=True)
    except OSError as error:
        name = "The current directory" if project is None else project
        raise InputError(f"{name} cannot be used as a project: {error.strerror}.") from error
    if not Path(real).is_dir():
        raise InputError(f"{project} cannot be used as a project: it is not a directory.")
    return real
