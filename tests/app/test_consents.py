"""The policy at the shell: what fails is a deny, and only looking makes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from zeke_bridge.app.consents import Trial, own_rules
from zeke_bridge.app.places import own_places
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ConfigError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.verdict import Ruling
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.workspace.files.resolve import Resolver


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("ZEKE_STATE_DIR", "ZEKE_CONFIG_DIR", "ZEKE_RUNTIME_DIR", "GHOSTLLM_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "project").mkdir()
    return str(tmp_path / "project")


def _fail(*arguments: object) -> NoReturn:
    raise RuntimeError("no more")


@pytest.mark.parametrize("broken", [(Resolver, "hold"), (ConsentStore, "load")])
def test_a_failure_is_a_deny(
    root: str, broken: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Trial(root, Rules(auto_approve_write=True))
    action = Action(Op.WRITE, root, path="a.py")
    assert bench.judge()(action).ruling is Ruling.ALLOW
    monkeypatch.setattr(*broken, _fail)
    for verdict in (bench.judge()(action), bench.foreseen(action)):
        assert (verdict.ruling, verdict.step) == (Ruling.DENY, "error")
        assert "RuntimeError" in verdict.reason


def test_what_is_the_persons_own_is_never_changed(root: str, tmp_path: Path) -> None:
    judge = Trial(root, Rules(enable_consent=False)).judge()
    for name in ("ZEKE_STATE_DIR/audit.jsonl", "ZEKE_CONFIG_DIR/config.toml", "ZEKE_RUNTIME_DIR/x"):
        verdict = judge(Action(Op.WRITE, root, path=str(tmp_path / name)))
        assert (verdict.ruling, verdict.step) == (Ruling.DENY, "never")
    token = str(own_places(Runtime(tmp_path / "ZEKE_RUNTIME_DIR")).unreadable[0])
    assert judge(Action(Op.READ, root, path=token)).step == "never"
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_rules(root: str, tmp_path: Path) -> None:
    assert own_rules() == Rules()
    with pytest.raises(ConfigError, match="No such file"):
        own_rules(tmp_path / "nothing.toml")
