"""Joining parts, wheels that lie, and pip itself on wheels of this machine."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeke_bridge.core.local import wheels
from zeke_bridge.core.local.catalog import CATALOG, Wheels
from zeke_bridge.core.local.partial import Partial
from zeke_bridge.model.errors import BadAnswerError, StoreError, TimedOutError, UnreachableError


def make(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@given(
    content=st.binary(min_size=1, max_size=200),
    part_size=st.integers(1, 60),
    there=st.integers(0, 200),
)
@settings(max_examples=40)
def test_whatever_is_there_already_the_parts_complete_it(
    content: bytes, part_size: int, there: int
) -> None:
    count = -(-len(content) // part_size)
    fetched: list[int] = []

    def part(requirement: str, directory: Path, seen: Callable[[int], None]) -> Path:
        number = int(requirement.removesuffix("==1"))
        fetched.append(number)
        data = content[number * part_size : (number + 1) * part_size]
        return make(directory / "x.whl", {"x/data.bin": data})

    with TemporaryDirectory() as directory:
        partial = Partial(Path(directory, "whole"))
        partial.path.write_bytes(content[:there])
        source = Wheels(tuple(str(n) for n in range(count)), "1", part_size)
        last: list[tuple[int, int]] = [(0, 0)]
        wheels.fetch(source, len(content), partial, lambda *seen: last.append(seen), part)
        assert partial.path.read_bytes() == content
        assert fetched == list(range(min(there, len(content)) // part_size, count))
        assert not fetched or last[-1] == (len(content), len(content))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"x/__init__.py": b"12345"},
        {"x/a.bin": b"1234"},
        {"x/a.bin": b"123456"},
        {"x/a.bin": b"12345", "x/b.bin": b"12345"},
    ],
)
def test_a_wheel_with_anything_else_is_refused(members: dict[str, bytes], tmp_path: Path) -> None:
    partial = Partial(tmp_path / "whole")
    partial.path.write_bytes(b"before")
    with pytest.raises(BadAnswerError, match="does not hold the part"):
        wheels.append_part(make(tmp_path / "x.whl", members), 5, partial)
    assert partial.path.read_bytes() == b"before"


@pytest.mark.parametrize("place", [30, 40, -1])
def test_a_damaged_wheel_leaves_what_was_there(place: int, tmp_path: Path) -> None:
    data = bytes(range(256)) * 40
    wheel = make(tmp_path / "x.whl", {"x/a.bin": data})
    raw = bytearray(wheel.read_bytes())
    raw[place if place > 0 else len(raw) // 2] ^= 0xFF
    wheel.write_bytes(bytes(raw))
    partial = Partial(tmp_path / "whole")
    partial.path.write_bytes(b"before")
    with pytest.raises(BadAnswerError, match="damaged"):
        wheels.append_part(wheel, len(data), partial)
    assert partial.path.read_bytes() == b"before"


def test_what_is_no_archive_is_damaged(tmp_path: Path) -> None:
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(b"<html>")
    with pytest.raises(BadAnswerError, match="damaged"):
        wheels.append_part(wheel, 5, Partial(tmp_path / "whole"))


@pytest.mark.parametrize("name", ["../../evil.bin", "/evil.bin", "x/../../evil.bin"])
def test_a_member_name_is_never_a_path(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    partial = Partial(inner / "whole")
    wheels.append_part(make(inner / "x.whl", {name: b"12345"}), 5, partial)
    assert partial.path.read_bytes() == b"12345"
    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["whole", "x.whl"]


@pytest.fixture
def local_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip looks here and nowhere else."""
    directory = tmp_path / "index"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    info = "zeke_test_part-1.0.dist-info"
    make(
        directory / "zeke_test_part-1.0-py3-none-any.whl",
        {
            "zeke_test_part/data/part.bin": b"12345",
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: zeke-test-part\nVersion: 1.0\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        },
    )
    return directory


def test_pip_downloads_a_wheel(local_wheels: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    wheel = wheels.download("zeke-test-part==1.0", target, lambda _: None)
    assert wheel.parent == target
    partial = Partial(tmp_path / "whole")
    wheels.append_part(wheel, 5, partial)
    assert partial.path.read_bytes() == b"12345"


@pytest.mark.usefixtures("local_wheels")
def test_what_pip_complains_about_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"zeke-test-part==2.0: .*distribution"):
        wheels.download("zeke-test-part==2.0", tmp_path, lambda _: None)


@pytest.mark.usefixtures("local_wheels")
def test_a_pip_py_in_the_current_directory_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    assert wheels.download("zeke-test-part==1.0", tmp_path, lambda _: None).exists()


def test_no_pip_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match="ensurepip"):
        wheels.download("x==1", tmp_path, lambda _: None)


def test_a_pip_that_stalls_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\necho data > $TMPDIR/x.whl\nexec cat /dev/zero > /dev/null\n")
    slow.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(slow))
    monkeypatch.setattr(wheels, "_STALL_S", 60.0)
    monkeypatch.setattr(wheels, "_LOOK_S", 0.05)
    seen: list[int] = []

    def came(count: int) -> None:
        seen.append(count)
        monkeypatch.setattr(wheels, "_STALL_S", 0.0)

    with pytest.raises(TimedOutError, match="no data any more"):
        wheels.download("x==1", tmp_path, came)
    assert seen == [5]


@pytest.mark.parametrize("model", CATALOG, ids=lambda model: model.name)
def test_the_catalog_fits_together(model: object) -> None:
    assert isinstance(model, type(CATALOG[0]))
    source = model.wheels
    assert len(source.names) == -(-model.size // source.part_size)
    assert len(model.sha256) == 64
    assert model.url.startswith("https://")
    assert model.url.endswith(f"/{model.file}")
