"""A core in this process, for as long as a command needs it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.cli.ghostllm.reading import Reading
from zeke_bridge.config.paths import ghostllm_keys, ghostllm_usage

if TYPE_CHECKING:
    from zeke_bridge.core.assemble import Core


@contextlib.asynccontextmanager
async def opened(reading: Reading, *, records: bool = False) -> AsyncIterator[Core]:
    """The core that ``reading`` describes; ``records`` says that it writes its usage down."""
    from zeke_bridge.core.assemble import build_core
    from zeke_bridge.core.keys import KeyFile
    from zeke_bridge.core.local.server import LlamaServer
    from zeke_bridge.core.local.shelf import models_directory
    from zeke_bridge.core.system_keyring import SystemKeyring

    with tempfile.TemporaryDirectory(prefix="ghostllm-") as directory:
        local = LlamaServer(models_directory(), Path(directory))
        keys = KeyFile(ghostllm_keys())
        usage = ghostllm_usage() if records else None
        core = build_core(reading(), keys, local, usage=usage, ring=SystemKeyring(), load=reading)
        try:
            yield core
        finally:
            await core.aclose()
