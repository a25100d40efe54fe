"""A machine on which nothing of Zeke is yet: its Git, its Python, and a package index of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fakes.house import REPOSITORY, House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider
from tests.install import wheelhouse

# What a clone of the repository has that somebody who installs it can meet.
PRODUCT = (
    "zeke_bridge",
    "plugin",
    "lua",
    "rplugin",
    "doc",
    "pyproject.toml",
    "zeke-bridge-scm-1.rockspec",
    "README.md",
    "LICENSE",
)
LIMIT_S = 100


def git(*arguments: str, cwd: Path) -> None:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(
        ["git", *who, *arguments], cwd=cwd, check=True, capture_output=True, timeout=LIMIT_S
    )


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the product as it is now, ``zeke/zeke-bridge`` below some directory."""
    target = tmp_path_factory.mktemp("origin") / "zeke" / "zeke-bridge"
    target.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "tags")
    for name in PRODUCT:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, target / name, ignore=ignored)
        else:
            shutil.copy(REPOSITORY / name, target)
    git("init", "-q", cwd=target)
    git("add", "-A", cwd=target)
    git("commit", "-q", "-m", "The product", cwd=target)
    return target


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, origin: Path) -> Path:
    """A directory with wheels of everything, the product's release among them."""
    for name in ("hatchling", "pip", "packaging"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed here: there are no packages to install from")
    target = wheelhouse.build(tmp_path_factory.mktemp("wheels"))
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--disable-pip-version-check", "--wheel-dir", str(target), str(origin)],
        check=True,
        timeout=LIMIT_S,
    )
    return target


@pytest.fixture(scope="session")
def base_python() -> Path:
    """The Python below the environment of the tests; it has neither Zeke nor what Zeke needs."""
    found = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    probe = "import importlib.util as i, sys; sys.exit(not (i.find_spec('{}')))"

    def has(name: str) -> bool:
        command = [str(found), "-I", "-c", probe.format(name)]
        return subprocess.run(command, check=False, timeout=LIMIT_S).returncode == 0

    if not found.exists():
        pytest.skip(f"{found} is not there: no Python to make an environment of")
    if has("zeke_bridge"):
        pytest.skip(f"{found} has zeke-bridge already")
    if not (has("ensurepip") or has("pip")):
        pytest.skip(f"{found} has neither ensurepip nor pip (Debian: apt-get install python3-venv)")
    return found


@pytest.fixture
def machine(tmp_path: Path, wheels: Path, base_python: Path) -> Iterator[House]:
    """A person's surroundings: a ``python3`` without Zeke, and pip that knows only files."""
    programs = tmp_path / "bin"
    programs.mkdir()
    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec "{base_python}" "$@"\n')
    python.chmod(0o755)
    elsewhere = [
        place
        for place in os.environ["PATH"].split(":")
        if place and not (Path(place) / "zeke").exists() and not (Path(place) / "pyenv").exists()
    ]
    variables = {
        "PATH": ":".join([str(programs), *elsewhere]),
        "PYTHONPATH": "",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_COMPILE": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
    with FakeProvider() as provider, make_house(provider, **variables) as found:
        yield found
