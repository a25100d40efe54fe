"""What ``docs/ghostllm.md`` shows is what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.ghostllm import load
from zeke_bridge.config.ghostllm.models import COSTS, FIELDS
from zeke_bridge.config.ghostllm.own import SECTIONS

TEXT = (Path(__file__).parents[3] / "docs" / "ghostllm.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(toml|yaml)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_every_example_is_right(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / f"config.{kind}"
    file.write_text(text, encoding="utf-8")
    load(file, {"PROXY_KEY": "0123456789abcdef", "LITELLM_MASTER_KEY": "0123456789abcdef"})


def test_every_section_and_word_is_there() -> None:
    assert len(BLOCKS) > 8
    for section in SECTIONS:
        assert f"[{section}" in TEXT
    for word in (*FIELDS, *COSTS, *catalog().works, *(one.name for one in catalog().providers)):
        assert f"`{word}`" in TEXT
