"""The packages that are installed here, as wheels again: a package index without a network.

A wheel is a zip archive of what pip has unpacked (PEP 427), and RECORD lists it. Scripts are left
out, as pip makes them from the entry points. The product itself is not among them: pip has to build
it from the checkout.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BUILD = ("hatchling",)


def build(target: Path, product: str = "zeke-bridge") -> Path:
    """Write a wheel of everything the product needs, and needs to be built, into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    for found in _closure((product, *BUILD)):
        if canonicalize_name(found.name) != product:
            _write(found, target)
    return target


def _closure(names: tuple[str, ...]) -> Iterator[Distribution]:
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in names]
    known: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            key = (canonicalize_name(wanted.name), extra)
            if key in seen:
                continue
            seen.add(key)
            try:
                found = distribution(wanted.name)
            except PackageNotFoundError:
                continue  # for another system or Python
            if key[0] not in known:
                known.add(key[0])
                yield found
            needs = (Requirement(text) for text in found.requires or [])
            waiting += [
                need for need in needs if not need.marker or need.marker.evaluate({"extra": extra})
            ]


def _write(found: Distribution, target: Path) -> None:
    about = HeaderParser().parsestr(found.read_text("WHEEL") or "")
    tags = [tag.split("-") for tag in about.get_all("Tag", ["py3-none-any"])]
    tag = "-".join(".".join(sorted({parts[place] for parts in tags})) for place in range(3))
    name = canonicalize_name(found.name).replace("-", "_")
    with zipfile.ZipFile(target / f"{name}-{found.version}-{tag}.whl", "w") as archive:
        for path in found.files or []:
            real = Path(str(path.locate()))
            if ".." not in path.parts and path.suffix != ".pyc" and real.is_file():
                archive.write(real, str(path))
