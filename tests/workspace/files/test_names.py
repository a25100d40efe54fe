"""Directories that do not tell some names apart: the listed name is the one that is judged."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.files.bench import Bench
from tests.workspace.files.child import CannotError, apart, mount, own_mounts
from zeke_bridge.workspace.files.names import is_strict, real_name, twins


def plain(name: str) -> str:
    return unicodedata.normalize("NFD", name).casefold()


class Loose:
    """Calls of the system that find a name below ``root`` in any case and normal form."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._base = str(root)
        for name in ("stat", "open", "access"):
            monkeypatch.setattr(os, name, self._loose(getattr(os, name)))

    def _loose(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, dir_fd: int | None = None, **more: Any) -> Any:
            if dir_fd is not None and isinstance(path, str):
                path = self._found(path, dir_fd)
            return real(path, *arguments, dir_fd=dir_fd, **more)

        return call

    def _found(self, path: str, directory: int) -> str:
        place = Path(f"/proc/self/fd/{directory}").resolve()
        if not f"{place}/".startswith(f"{self._base}/"):
            return path
        names = []
        for name in path.split("/"):
            listed = [one.name for one in place.iterdir()] if place.is_dir() else []
            names.append(next((one for one in listed if plain(one) == plain(name)), name))
            place = place / names[-1]
        return "/".join(names)


@pytest.fixture
def loose(project: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    (project / "src" / "Über.py").write_bytes(b"")
    Loose(project, monkeypatch)
    # openat2 goes past these wrappers.
    return Bench(project, kernel=False)


@pytest.mark.parametrize(
    ("spoken", "real"),
    [
        ("src/a.py", "src/a.py"),
        ("src/A.PY", "src/a.py"),
        ("SRC/a.py", "src/a.py"),
        ("Src/A.py", "src/a.py"),
        ("./SRC//../src/A.Py", "src/a.py"),
        ("SRC/new.py", "src/new.py"),
        ("SRC/New/deep.py", "src/New/deep.py"),
        (unicodedata.normalize("NFD", "src/Über.py"), "src/Über.py"),
        ("SRC/üBER.py", "src/Über.py"),
    ],
)
def test_the_listed_name_is_judged(loose: Bench, spoken: str, real: str) -> None:
    target = loose.target(spoken)
    assert (target.path, target.problem) == (real, "")
    assert spoken == real or spoken in target.spellings


def test_a_directory_that_lists_no_such_name(loose: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zeke_bridge.workspace.files.names.listed", lambda directory: ["other"])
    assert loose.target("src/A.PY").problem


def test_two_names_of_one_file_where_cases_differ(bench: Bench) -> None:
    (bench.root / "src" / "A.PY").hardlink_to(bench.root / "src" / "a.py")
    assert bench.target("src/a.py").path == "src/a.py"
    assert bench.target("src/A.PY").path == "src/A.PY"


def test_two_files_whose_names_differ_in_case(bench: Bench) -> None:
    (bench.root / "SRC").mkdir()
    (bench.root / "SRC" / "a.py").write_bytes(b"")
    assert bench.target("SRC/a.py").path == "SRC/a.py"
    assert bench.target("src/a.py").path == "src/a.py"
    assert bench.target("Src/a.py").kind == "missing"


def test_twins() -> None:
    assert twins("123") == ()
    assert twins("a.py") == ("A.PY",)
    assert set(twins("é")) == {"É", "e\u0301"}


def test_strictness_costs_no_look_at_what_has_no_case(project: Path) -> None:
    handle = os.open(project, os.O_RDONLY)
    try:
        assert is_strict(handle, ["src", "a.py"])
        assert is_strict(handle, ["1", "2"])
        status = os.stat("src/a.py", dir_fd=handle)
        assert real_name(handle, "src/a.py", status) == "src/a.py"
    finally:
        os.close(handle)


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
def test_a_real_directory_that_ignores_case(tmp_path: Path, kernel: bool) -> None:
    def work() -> None:
        own_mounts()
        mount("tmpfs", tmp_path, "tmpfs", options="casefold")
        root = tmp_path / "project"
        root.mkdir()
        if subprocess.run(["chattr", "+F", str(root)], check=False, timeout=30).returncode:
            raise CannotError("chattr +F does not work here")
        (root / "src").mkdir()
        (root / "src" / "a.py").write_bytes(b"")
        assert Bench(root, kernel).target("SRC/A.PY").path == "src/a.py"

    apart(work)
