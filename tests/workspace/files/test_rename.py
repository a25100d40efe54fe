"""A rename moves the very file that was approved to a name that is free."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from tests.workspace.files.bench import Bench
from tests.workspace.files.systems import SYSTEMS, just_before_rename, no_rename2
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, DeniedError, StoreError
from zeke_bridge.workspace.files import moves

System = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("system", SYSTEMS[:-1])
def test_rename(bench: Bench, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch)
    bench.files.rename(bench.permit(Op.RENAME, "src/a.py", to="new/deep/b.py"))
    assert list((bench.root / "src").iterdir()) == []
    path = bench.root / "new" / "deep" / "b.py"
    assert (path.read_bytes(), path.stat().st_nlink) == (b"old\n", 1)
    assert bench.left_over() == []


def test_where_it_cannot_be_done_without_replacing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    SYSTEMS[-1](monkeypatch)
    with pytest.raises(StoreError, match="without replacing"):
        bench.files.rename(bench.permit(Op.RENAME, "src/a.py", to="new/b.py"))
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"
    assert not (bench.root / "new").exists()


def test_a_link_moves_itself(bench: Bench) -> None:
    (bench.root / "l").symlink_to("src/a.py")
    bench.files.rename(bench.permit(Op.RENAME, "l", base=b"src/a.py", to="m"))
    assert str((bench.root / "m").readlink()) == "src/a.py"
    assert not (bench.root / "l").is_symlink()


@pytest.mark.parametrize("to", ["src/a.py", "src", "other", "dangling"])
def test_a_name_that_is_taken(bench: Bench, to: str) -> None:
    (bench.root / "other").write_bytes(b"other")
    (bench.root / "dangling").symlink_to("nowhere")
    with pytest.raises(DeniedError, match="already"):
        bench.files.rename(bench.permit(Op.RENAME, "src/a.py", to=to))
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"
    assert (bench.root / "other").read_bytes() == b"other"


@pytest.mark.parametrize("path", ["none", "src", "none/none"])
def test_what_is_no_file(bench: Bench, path: str) -> None:
    with pytest.raises(ChangedError):
        bench.files.rename(bench.permit(Op.RENAME, path, to="b"))
    assert (bench.root / "src" / "a.py").exists()


@pytest.mark.parametrize(("path", "to"), [("a\0", "b"), ("src/a.py", "b\0"), ("src/a.py", "b/")])
def test_a_place_that_is_none(bench: Bench, path: str, to: str) -> None:
    with pytest.raises(DeniedError, match="no place"):
        bench.files.rename(bench.permit(Op.RENAME, path, to=to))
    assert (bench.root / "src" / "a.py").exists()


def name_taken(bench: Bench) -> None:
    (bench.root / "src" / "b.py").write_bytes(b"somebody else's")


def other_file(bench: Bench) -> None:
    (bench.root / "copy").write_bytes(b"old\n")
    (bench.root / "copy").replace(bench.root / "src" / "a.py")


def other_text(bench: Bench) -> None:
    (bench.root / "src" / "a.py").write_bytes(b"edited")


def gone(bench: Bench) -> None:
    (bench.root / "src" / "a.py").unlink()


def directory_swapped(bench: Bench) -> None:
    (bench.root / "src").rename(bench.root / "kept")
    (bench.root / "src").symlink_to(bench.root.parent / "out")


def snapshot(bench: Bench) -> dict[str, bytes]:
    return {
        str(path.relative_to(bench.root)): path.read_bytes()
        for path in bench.root.parent.rglob("*")
        if path.is_file()
    }


RIVALS = [name_taken, other_file, other_text, gone, directory_swapped]


@pytest.mark.parametrize("rival", RIVALS)
def test_what_moved_since_stops_it(bench: Bench, rival: Callable[[Bench], None]) -> None:
    permit = bench.permit(Op.RENAME, "src/a.py", base=b"old\n", to="src/b.py")
    rival(bench)
    before = snapshot(bench)
    with pytest.raises(ChangedError):
        bench.files.rename(permit)
    assert snapshot(bench) == before


@pytest.mark.parametrize("system", SYSTEMS[:-1])
@pytest.mark.parametrize("rival", RIVALS[:4])
def test_what_moves_in_the_last_moment_is_put_back(
    plain: Bench,
    rival: Callable[[Bench], None],
    system: System,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system(monkeypatch)
    permit = plain.permit(Op.RENAME, "src/a.py", base=b"old\n", to="src/b.py")
    real, left = plain.files._check_place, [2]

    def late(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]
        left[0] -= 1
        if left[0] == 0:
            rival(plain)
            before.update(snapshot(plain))

    before: dict[str, bytes] = {}
    monkeypatch.setattr(plain.files, "_check_place", late)
    with pytest.raises(ChangedError):
        plain.files.rename(permit)
    assert left == [0]
    assert snapshot(plain) == before


def test_by_links_the_old_name_is_only_taken_from_the_same_file(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_rename2(monkeypatch)
    permit = plain.permit(Op.RENAME, "src/a.py", base=b"old\n", to="src/b.py")
    real = moves.link

    def late(*arguments: object) -> bool:
        answer = real(*arguments)  # type: ignore[arg-type]
        other_file(plain)
        return answer

    monkeypatch.setattr("zeke_bridge.workspace.files.effects.link", late)
    with pytest.raises(ChangedError):
        plain.files.rename(permit)
    contents = [path.read_bytes() for path in (plain.root / "src").iterdir()]
    # The new file and the old one are both there; nothing of the rival's is lost.
    assert sorted(contents) == [b"old\n", b"old\n"]
    assert (plain.root / "src" / "b.py").stat().st_nlink == 1


def test_across_file_systems(plain: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def across(name: str, *arguments: object) -> int:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(moves, "call", across)
    with pytest.raises(StoreError, match="another file system"):
        plain.files.rename(plain.permit(Op.RENAME, "src/a.py", to="new/b.py"))
    assert not (plain.root / "new").exists()


def test_a_rival_takes_the_old_name_while_it_is_put_back(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain.root / "src" / "a.py"
    permit = plain.permit(Op.RENAME, "src/a.py", base=b"old\n", to="b.py")
    just_before_rename(monkeypatch, lambda: other_text(plain), lambda: path.write_bytes(b"newest"))
    with pytest.raises(ChangedError, match=r"kept as 'b.py'"):
        plain.files.rename(permit)
    assert (plain.root / "b.py").read_bytes() == b"edited"
    assert path.read_bytes() == b"newest"
