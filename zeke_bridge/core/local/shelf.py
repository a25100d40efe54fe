"""The directory of installed models: what is there, and whether it was checked.

Beside each checked file lies a mark with the size, time and SHA-256 that were found, so that half
a gigabyte is not read again at every start. Does not know where models come from.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import platformdirs

from zeke_bridge.core.local.catalog import CATALOG, KnownModel
from zeke_bridge.model.errors import InputError

SUFFIX = ".gguf"


def models_directory() -> Path:
    """``models`` in ``$ZEKE_CACHE_DIR``, else in the user's cache; nothing is made."""
    cache = os.environ.get("ZEKE_CACHE_DIR") or platformdirs.user_cache_dir("zeke")
    return Path(cache) / "models"


class Shelf:
    """The models in ``directory``, of which those in ``catalog`` are known.

    A missing directory is an empty shelf.
    """

    def __init__(self, directory: Path, catalog: Sequence[KnownModel] = CATALOG) -> None:
        self.directory = directory
        self.catalog = tuple(catalog)

    def known(self, name: str) -> KnownModel | None:
        """The model that a person means by ``name``: its name or its id, in any case."""
        wanted = name.casefold()
        return next((model for model in self.catalog if wanted in (model.name, model.id)), None)

    def known_content(self, sha256: str) -> KnownModel | None:
        """The model whose file has this checksum."""
        return next((model for model in self.catalog if model.sha256 == sha256), None)

    def path(self, model: KnownModel) -> Path:
        """Where the file of ``model`` is, or would be."""
        return self.directory / model.file

    def installed(self) -> list[str]:
        """The ids of what is here: known models that were checked, then other files by stem."""
        there = {path.name: path.stem for path in self._files()}
        known = [model for model in self.catalog if there.pop(model.file, "")]
        return [model.id for model in known if self.has(model)] + list(there.values())

    def has(self, model: KnownModel) -> bool:
        """Whether the file of ``model`` is here, whole and checked, and was not touched since."""
        return self.checked(self.path(model)) == model.sha256

    def find(self, name: str) -> Path | None:
        """The file of an installed model, by its id or by its name in the catalog."""
        model = self.known(name)
        if model is not None:
            return self.path(model) if self.has(model) else None
        return next((path for path in self._files() if path.stem == name), None)

    def checked(self, path: Path) -> str:
        """The SHA-256 that was found in ``path``; empty when it is unknown or out of date."""
        try:
            mark = json.loads(_mark(path).read_text("utf-8"))
            found = path.stat()
        except (OSError, ValueError):
            return ""
        if not isinstance(mark, dict):
            return ""
        fits = mark.get("size") == found.st_size and mark.get("mtime_ns") == found.st_mtime_ns
        return str(mark.get("sha256", "")) if fits else ""

    def mark(self, path: Path, sha256: str) -> None:
        """Remember that ``path`` was read to the end and has this SHA-256."""
        found = path.stat()
        text = json.dumps({"size": found.st_size, "mtime_ns": found.st_mtime_ns, "sha256": sha256})
        new = _mark(path).with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(_mark(path))

    def remove(self, name: str) -> Path:
        """Delete a model by id or name, and say which file went. ``InputError``: none is here.

        A known model that failed its check, or whose mark is gone, is deleted too.
        """
        model = self.known(name)
        path = self.path(model) if model is not None else self.find(name)
        if path is None or not path.exists():
            there = ", ".join(self.installed()) or "none"
            raise InputError(f"{name} is not installed (there is: {there}).")
        _mark(path).unlink(missing_ok=True)
        path.unlink()
        return path

    @contextlib.contextmanager
    def changing(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Only one process at a time changes the shelf; ``waiting`` is called if another does."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self.directory) as found:
                names = [entry.name for entry in found if entry.is_file()]
        except OSError:
            return []
        shown = [name for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
        return [self.directory / name for name in sorted(shown)]


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}.checked")
