"""The observer sees every kind of effect of the product, and none of anybody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.denied.rules import Seen
from tests.denied.run import environment, read

DEEDS = Path(__file__).with_name("deeds.py")


def seen(tmp_path: Path, program: Path, **variables: str) -> list[Seen]:
    """What is in the log after the deeds were done in ``tmp_path/project``."""
    project = tmp_path / "project"
    project.mkdir()
    subprocess.run(
        [sys.executable, str(program), str(project)],
        env=environment(tmp_path / "log", "open", 1.0) | variables,
        timeout=30,
        check=True,
    )
    return read(tmp_path / "log")


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """The deeds as a module of the product."""
    found = tmp_path / "zeke_bridge" / "deeds.py"
    found.parent.mkdir()
    found.write_text(DEEDS.read_text())
    return found


def test_every_deed_of_the_product_is_seen(tmp_path: Path, product: Path) -> None:
    log = seen(tmp_path, product)
    project = tmp_path / "project"
    assert {(one.effect, one.target) for one in log if one.effect != "program"} == {
        ("write", f"{project}/by-handle"),
        ("write", f"{project}/by-path"),
        ("rename", f"{project}/by-path"),
        ("rename", f"{project}/renamed"),
        ("link", f"{project}/linked"),
        ("link", f"{project}/symbolic"),
        ("chmod", f"{project}/renamed"),
        ("truncate", f"{project}/renamed"),
        ("create", f"{project}/directory"),
        ("remove", f"{project}/directory"),
        ("remove", f"{project}/linked"),
        ("connection", "('192.0.2.1', 9)"),
        ("connection", f"{project}/socket"),
    }
    programs = [one.target.split()[-1] for one in log if one.effect == "program"]
    assert programs == ["run", "shell", "system", "spawned", "executed"]
    assert all(one.chain[0].startswith("zeke_bridge/deeds.py:") for one in log)


def test_what_the_tests_do_is_no_effect(tmp_path: Path) -> None:
    assert seen(tmp_path, DEEDS) == []


def test_the_products_own_places_are_no_effect(tmp_path: Path, product: Path) -> None:
    log = seen(tmp_path, product, ZEKE_STATE_DIR=str(tmp_path / "project"))
    assert {one.effect for one in log} == {"program", "connection"}
