"""A delete removes the very file and the very text that was approved, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.workspace.files.bench import Bench, sha
from tests.workspace.files.systems import SYSTEMS, just_before_rename, nothing_at_all
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, DeniedError, StoreError

System = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("system", SYSTEMS)
def test_delete(bench: Bench, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch)
    bench.files.delete(bench.permit(Op.DELETE, "src/a.py", base=b"old\n"))
    assert list((bench.root / "src").iterdir()) == []


def test_deleting_a_link_leaves_what_it_leads_to(bench: Bench) -> None:
    link = bench.root / "l"
    link.symlink_to("src/a.py")
    with pytest.raises(ChangedError):
        bench.files.delete(bench.permit(Op.DELETE, "l", base=b"old\n"))
    bench.files.delete(bench.permit(Op.DELETE, "l", base=b"src/a.py"))
    assert not link.is_symlink()
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"


def test_a_link_that_leads_elsewhere_now(bench: Bench) -> None:
    link = bench.root / "l"
    link.symlink_to("src/a.py")
    permit = bench.permit(Op.DELETE, "l", base=b"src/a.py")
    link.unlink()
    link.symlink_to("src")
    with pytest.raises(ChangedError):
        bench.files.delete(permit)
    assert link.is_symlink()


def test_of_two_names_one_goes(bench: Bench) -> None:
    (bench.root / "other").hardlink_to(bench.root / "src" / "a.py")
    bench.files.delete(bench.permit(Op.DELETE, "src/a.py", base=b"old\n"))
    assert (bench.root / "other").read_bytes() == b"old\n"


def test_what_a_delete_has_to_say(bench: Bench) -> None:
    with pytest.raises(DeniedError, match="does not say"):
        bench.files.delete(bench.permit(Op.DELETE, "src/a.py"))
    with pytest.raises(DeniedError, match="something else"):
        bench.files.delete(bench.permit(Op.WRITE, "src/a.py", b"x", b"old\n"))
    with pytest.raises(DeniedError, match="something else"):
        bench.files.write(bench.permit(Op.DELETE, "src/a.py", base=b"old\n"), b"")
    permit = bench.permit(Op.DELETE, "src/a.py", base=b"older\n")
    with pytest.raises(ChangedError, match="text changed"):
        bench.files.delete(permit)
    with pytest.raises(DeniedError, match="used already"):
        bench.files.delete(permit)
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"


@pytest.mark.parametrize("path", ["src/none.py", "none/none.py"])
def test_nothing_to_delete(bench: Bench, path: str) -> None:
    with pytest.raises(ChangedError, match="no such file"):
        bench.files.delete(bench.permit(Op.DELETE, path, base=b""))


@pytest.mark.parametrize("path", ["src", ".", "src/a.py/"])
def test_a_directory_is_never_deleted(bench: Bench, path: str) -> None:
    with pytest.raises((ChangedError, DeniedError, StoreError)):
        bench.files.delete(bench.permit(Op.DELETE, path, base=b""))
    assert (bench.root / "src" / "a.py").exists()


def other_text(bench: Bench) -> None:
    (bench.root / "src" / "a.py").write_bytes(b"precious")


def other_file(bench: Bench) -> None:
    (bench.root / "copy").write_bytes(b"precious")
    (bench.root / "copy").replace(bench.root / "src" / "a.py")


def link_out(bench: Bench) -> None:
    (bench.root.parent / "out" / "f").write_bytes(b"precious")
    (bench.root / "src" / "a.py").unlink()
    (bench.root / "src" / "a.py").symlink_to(bench.root.parent / "out" / "f")


RIVALS = [other_text, other_file, link_out]


@pytest.mark.parametrize("rival", RIVALS)
def test_what_changed_since_stays(bench: Bench, rival: Callable[[Bench], None]) -> None:
    permit = bench.permit(Op.DELETE, "src/a.py", base=b"old\n")
    rival(bench)
    with pytest.raises(ChangedError):
        bench.files.delete(permit)
    assert (bench.root / "src" / "a.py").read_bytes() == b"precious"
    assert bench.left_over() == []


@pytest.mark.parametrize("system", [*SYSTEMS[:1], nothing_at_all])
@pytest.mark.parametrize("rival", RIVALS)
def test_what_changes_in_the_last_moment_is_put_back(
    plain: Bench,
    rival: Callable[[Bench], None],
    system: System,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system(monkeypatch)
    permit = plain.permit(Op.DELETE, "src/a.py", base=b"old\n")
    real = plain.files._check_place

    def late(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]
        rival(plain)

    monkeypatch.setattr(plain.files, "_check_place", late)
    with pytest.raises(ChangedError) as caught:
        plain.files.delete(permit)
    kept = {path.read_bytes() for path in (plain.root / "src").iterdir()}
    assert kept == {b"precious"}
    # Where nothing can be moved safely it keeps the name it has, and that is said.
    assert plain.left_over() == [] or "kept as" in caught.value.message


def test_gone_in_the_last_moment(plain: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = plain.permit(Op.DELETE, "src/a.py", base=b"old\n")
    just_before_rename(monkeypatch, (plain.root / "src" / "a.py").unlink)
    with pytest.raises(ChangedError, match="removed"):
        plain.files.delete(permit)


def test_put_back_beside_what_took_its_name(plain: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = plain.permit(Op.DELETE, "src/a.py", base=b"old\n")
    path = plain.root / "src" / "a.py"
    just_before_rename(monkeypatch, lambda: other_file(plain), lambda: path.write_bytes(b"newest"))
    with pytest.raises(ChangedError, match="kept as"):
        plain.files.delete(permit)
    assert {found.read_bytes() for found in path.parent.iterdir()} == {b"precious", b"newest"}


def test_digest(bench: Bench) -> None:
    root = str(bench.root)
    (bench.root / "l").symlink_to("src/a.py")
    os.mkfifo(bench.root / "pipe")
    assert bench.files.digest(Op.WRITE, root, "l") == sha(b"old\n")
    assert bench.files.digest(Op.DELETE, root, "l") == sha(b"src/a.py")
    assert bench.files.digest(Op.WRITE, root, "none/none") == ""
    for path in ("pipe", "src", "/dev/null", "a\0b", "/proc/self/environ"):
        with pytest.raises(StoreError):
            bench.files.digest(Op.WRITE, root, path)
