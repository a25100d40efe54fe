r"""From a model's raw answer to a change of the buffer that can be shown, chosen from and applied.

Everything here is pure: text in, values out, and ``PatchError`` for whatever does not fit. Text of
a buffer is its lines joined by ``\n`` without a final one. Line numbers count from 1. The package
does not know where the answer came from, what the prompt was, or how bytes reach a file.
"""

from __future__ import annotations

from zeke_bridge.workspace.patch.answer import landed, propose
from zeke_bridge.workspace.patch.difference import hunks
from zeke_bridge.workspace.patch.ends import as_it_was
from zeke_bridge.workspace.patch.hunk import Hunk, Patch, apply, counts, select
from zeke_bridge.workspace.patch.octets import encode
from zeke_bridge.workspace.patch.threeway import carry, rebase
from zeke_bridge.workspace.patch.unified import render, unified

__all__ = [
    "Hunk",
    "Patch",
    "apply",
    "as_it_was",
    "carry",
    "counts",
    "encode",
    "hunks",
    "landed",
    "propose",
    "rebase",
    "render",
    "select",
    "unified",
]
