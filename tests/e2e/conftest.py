"""A Neovim with a real broker, the embedded core and a fake provider behind it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import REPOSITORY, Nvim
from tests.fakes.house import SAMPLE as PLAIN
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider
from tests.fakes.script import Script

Opener = Callable[..., Nvim]
Scripts = Callable[[], Script]
Acting = Callable[..., Nvim]

ACTOR = REPOSITORY / "tests" / "agents" / "acp" / "actor.py"

SAMPLE = """\
def total(values):
    result = 0
    for value in values:
        result = result + value
    return result


print(total([1, 2, 3]))
"""


@pytest.fixture
def open_nvim(tmp_path: Path) -> Iterator[Opener]:
    """Start any number of Neovims in one isolated home; they end with the test."""
    with ExitStack() as stack:

        def start(*arguments: str, **options: Any) -> Nvim:
            home = options.pop("home", tmp_path / "home")
            return stack.enter_context(Nvim(home, *arguments, **options))

        yield start


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        yield fake


@pytest.fixture
def house(provider: FakeProvider) -> Iterator[House]:
    """Directories and a project with ``app.py`` in it; no broker runs yet."""
    with make_house(provider) as found:
        (found.project / "app.py").write_text(SAMPLE, encoding="utf-8")
        yield found


@pytest.fixture
def running(house: House) -> House:
    """The house with its broker: for a module whose tests are not about how Neovim starts one."""
    house.start()
    return house


@pytest.fixture(scope="module")
def lasting() -> Iterator[House]:
    """A house for all tests of a module, and so one broker: its start is most of a short test.

    A module that wants it has a fixture ``house`` of its own, which returns it ``tidied``. Nothing
    is answered from the cache.
    """
    with FakeProvider() as fake, make_house(fake) as found:
        settings = Path(found.environment["GHOSTLLM_CONFIG_DIR"]) / "config.toml"
        settings.parent.mkdir()
        settings.write_text("[caching]\nenabled = false\n", encoding="utf-8")
        yield found


def tidied(house: House) -> House:
    """The house as it is for a test that comes first."""
    house.provider.forget()
    for path in house.project.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    subprocess.run(["git", "init", "-q"], cwd=house.project, check=True)
    (house.project / "a.py").write_text(PLAIN, encoding="utf-8")
    (house.project / "app.py").write_text(SAMPLE, encoding="utf-8")
    return house


@pytest.fixture
def open_in(open_nvim: Opener) -> Opener:
    """Start a Neovim in a house: ``open_in(house, *arguments, settings={…}, init="…")``."""

    def start(house: House, *arguments: str, **options: Any) -> Nvim:
        init = f"vim.g.zeke_python = [[{sys.executable}]]\n{options.pop('init', '')}\n"
        settings = options.pop("settings", None)
        if settings:
            init += f"vim.g.zeke = vim.json.decode([==[{json.dumps(settings)}]==])\n"
        env = house.environment | options.pop("env", {})
        options.setdefault("cwd", house.project)
        return open_nvim(*arguments, home=house.base / "home", env=env, init=init, **options)

    return start


@pytest.fixture
def editor(house: House, open_in: Opener) -> Opener:
    """Start a Neovim in the house, on ``app.py`` unless told otherwise."""

    def start(*arguments: str, **options: Any) -> Nvim:
        return open_in(house, *(arguments or ("app.py",)), **options)

    return start


@pytest.fixture
def script(house: House) -> Iterator[Scripts]:
    """Connect scripts to the broker that runs; each has to ask for what it reads."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            Script(house.runtime, house.project, auto_approve_read=False)
        )


@pytest.fixture
def acting(house: House, editor: Opener) -> Acting:
    """Start a Neovim whose agents do what scripts say: ``acting(actor=[[step, …], …])``."""

    def start(settings: dict[str, Any] | None = None, **agents: Any) -> Nvim:
        own = {}
        for name, script in agents.items():
            path = house.base / f"{name}.json"
            path.write_text(json.dumps(script if isinstance(script, dict) else {"prompts": script}))
            own[name] = {"command": [sys.executable, str(ACTOR), str(path)]}
        return editor(settings={"agents": own, **(settings or {})})

    return start
