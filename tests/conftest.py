"""What holds for every test."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# In CI hypothesis' own profile for it counts too, so that a clean checkout gives the same answer
# each time; at home it tries new examples each time.
_SAME = settings.get_profile("ci" if "CI" in os.environ else "default")
# The machine may be busy with something else: how long an example takes says nothing here.
settings.register_profile(
    "zeke", _SAME, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("zeke")

# What takes longest begins first, so that no worker is left alone with it at the end.
LONG = (
    "e2e/test_local_model.py",
    "agents/loop/test_real_model.py",
    "install/test_from_nothing.py",
    "core/api/test_real_model.py",
    "peers/llama_cpp",
    "core/api/test_openapi.py",
    "peers/litellm",
    "denied/test_denied.py",
    "core/local/test_real_model.py",
    "workspace/files/test_kill.py",
    "store/test_interrupted.py",
    "core/page/test_chromium.py",
    "peers/agents",
    "core/relay/test_nothing_stored.py",
    "e2e/test_wheel.py",
    "core/sdk/test_real_model.py",
)
PEERS = ("tests/peers/litellm/", "tests/peers/llama_cpp/")
TESTS = Path(__file__).parent

# The keyring of whoever runs the tests is none of theirs; children inherit this.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.relative_to(TESTS).as_posix()))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """No garbage is looked for among what 12 000 tests are made of; some tests look for it."""
    gc.collect()
    gc.freeze()


def _turn(path: str) -> int:
    return next((at for at, long in enumerate(LONG) if path.startswith(long)), len(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """As ``--dist loadfile``, but that the tests of one peer share a worker, and so the peer."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByPeer(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", maxsplit=1)[0]
            return next((one for one in PEERS if file.startswith(one)), file)

    return ByPeer(config, log)


@pytest.fixture
def anyio_backend() -> str:
    """The broker and the core run on asyncio."""
    return "asyncio"
