"""What the house demands of every file: short, one function in sight, one version, true help."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import LONG, PEERS
from tests.e2e.nvim import binary
from zeke_bridge import __version__
from zeke_bridge.config import settings

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("zeke_bridge", "lua", "plugin", "rplugin", "demo", "tests")
SOURCES = sorted(
    path
    for place in PLACES
    for kind in ("*.py", "*.lua")
    for path in (ROOT / place).rglob(kind)
    if "__pycache__" not in path.parts
)
HELP = (ROOT / "doc" / "zeke.txt").read_text()
README = (ROOT / "README.md").read_text()
PLUGIN = (ROOT / "plugin" / "zeke.lua").read_text()
COMMANDS = re.findall(r"^  (Zeke\w*) = \{", PLUGIN, re.MULTILINE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_what_is_said_of_test_files_is_of_files_that_are_there() -> None:
    for path in (*(f"tests/{path}" for path in LONG), *PEERS):
        assert (ROOT / path).exists(), path


def test_no_function_of_the_product_is_over_40_lines() -> None:
    long = []
    for path in (ROOT / "zeke_bridge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > 40:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {size}")
    assert long == []


def test_front_and_broker_have_one_version() -> None:
    assert (ROOT / "lua" / "zeke" / "version.lua").read_text().strip().endswith(f'"{__version__}"')
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()


def test_every_command_is_in_the_help_and_the_classic_door() -> None:
    assert len(COMMANDS) > 10
    door = (ROOT / "rplugin" / "python3" / "zeke.py").read_text()
    for command in COMMANDS:
        assert f"*:{command}*" in HELP
        assert f'"{command}"' in door


def test_every_mapping_is_in_the_help() -> None:
    found = re.search(r"for name, maps in pairs\(\{(.*?)\}\) do", PLUGIN, re.DOTALL)
    assert found
    names = re.findall(r"^  (\w+) = \{", found[1], re.MULTILINE)
    assert names
    for name in names:
        assert f"<Plug>(zeke-{name})" in HELP


def test_what_the_help_says_of_settings_keys_and_events_is_what_there_is() -> None:
    done = subprocess.run(
        [binary(), "--clean", "-l", str(ROOT / "tools" / "help" / "write.lua"), "check"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_event_is_in_the_help() -> None:
    listed = set(re.findall(r'\{ "([a-z.]+)"', (ROOT / "tools/help/events.lua").read_text()))
    sent = set()
    for path in SOURCES:
        if "tests" not in path.relative_to(ROOT).parts:
            sent |= set(re.findall(r'\b(?:send|announce)\(\s*"([a-z]+\.[a-z]+)"', path.read_text()))
    assert sorted(sent - listed) == []


def test_the_front_knows_the_same_settings_as_the_broker() -> None:
    options = (ROOT / "lua" / "zeke" / "options.lua").read_text()
    names = set(re.findall(r'^  \{\s*"([a-z_.]+)",', options, re.MULTILINE))
    tops = {name.partition(".")[0] for name in names} | {"keymaps"}
    assert tops == set(settings._TOP)
    for prefix, table in (("ghostllm", settings._GHOSTLLM), ("batch", settings._BATCH)):
        assert {f"{prefix}.{name}" for name in table} <= names


def test_the_readme_is_short_and_names_only_commands_that_exist() -> None:
    assert len(README.splitlines()) < 150
    assert set(re.findall(r":(?:\[range\])?(Zeke\w*)", README)) <= set(COMMANDS)


def test_every_link_of_the_help_leads_somewhere() -> None:
    done = subprocess.run(
        [binary(), "--clean", "--headless", "-c", "echo $VIMRUNTIME", "-c", "qa!"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    theirs = (Path(done.stderr.strip()) / "doc" / "tags").read_text(encoding="utf-8")
    tags = {line.partition("\t")[0] for line in theirs.splitlines()}
    tags |= set(re.findall(r"\*(\S+)\*", HELP))
    links = set(re.findall(r"\|([^\s|]+)\|", HELP))
    assert "zeke-review" in links
    assert sorted(links - tags) == []


def test_the_help_has_no_duplicate_tags(tmp_path: Path) -> None:
    (tmp_path / "doc").mkdir()
    (tmp_path / "doc" / "zeke.txt").write_text(HELP)
    done = subprocess.run(
        [binary(), "--clean", "--headless", "-c", f"helptags {tmp_path}/doc", "-c", "qa!"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    assert ":ZekeEdit\t" in (tmp_path / "doc" / "tags").read_text()
