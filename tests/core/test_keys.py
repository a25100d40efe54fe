from __future__ import annotations

import asyncio
import json
import queue
import stat
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KEYRING, KeyFile, Keys, KeyStore
from zeke_bridge.core.system_keyring import SystemKeyring
from zeke_bridge.model.errors import ConfigError, InputError, StoreError

OPENAI = ProviderConfig("openai", "https://x/v1", "OPENAI_API_KEY")


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "ghostllm" / "auth.json")


def test_a_key_is_kept_privately_and_forgotten(file: KeyFile) -> None:
    assert file.get("openai") is None
    file.set("openai", "sk-1")
    file.set("groq", "gk-1")
    file.set("openai", "sk-2")
    assert file.get("openai") == "sk-2"
    assert file.names() == ["groq", "openai"]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.path.parent.iterdir()] == ["auth.json"]
    assert file.remove("openai")
    assert not file.remove("openai")
    assert file.names() == ["groq"]


def test_where_a_key_comes_from(file: KeyFile) -> None:
    file.set("openai", "from-file")
    assert Keys(file, {}, {}).find(OPENAI) == "from-file"
    assert Keys(file, {"openai": "extra"}, {}).find(OPENAI) == "extra"
    environ = {"OPENAI_API_KEY": " environment\n"}
    assert Keys(file, {"openai": "extra"}, environ).find(OPENAI) == "environment"
    assert Keys(file, {}, {}).find(ProviderConfig("groq", "https://x/v1")) == ""


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_open_to_others_is_refused(file: KeyFile, mode: int) -> None:
    file.set("openai", "sk-secret")
    file.path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        file.get("openai")
    assert "sk-secret" not in str(caught.value)


def test_a_link_is_not_followed(file: KeyFile, tmp_path: Path) -> None:
    file.set("openai", "sk-1")
    link = tmp_path / "link.json"
    link.symlink_to(file.path)
    with pytest.raises(ConfigError, match="cannot be read"):
        KeyFile(link).get("openai")


@pytest.mark.parametrize("text", ["", "[]", '{"openai": 3}', '{"openai": "sk-secret"', "[" * 99999])
def test_a_damaged_file_is_said_without_quoting_it(file: KeyFile, text: str) -> None:
    file.set("openai", "sk-1")
    file.path.write_text(text)
    with pytest.raises(ConfigError, match="damaged") as caught:
        file.names()
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "ä", "x" * 5000])
def test_what_cannot_be_a_key_is_refused(file: KeyFile, key: str) -> None:
    with pytest.raises(InputError):
        file.set("openai", key)
    assert not file.path.exists()


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        KeyFile(tmp_path / "file" / "auth.json").set("openai", "sk-1")


def test_the_file_is_plain_json(file: KeyFile) -> None:
    file.set("openai", "sk-1")
    assert json.loads(file.path.read_text()) == {"openai": "sk-1"}


class Ring(SystemKeyring):
    """A system keyring in memory; ``ill`` says what it fails with."""

    def __init__(self, kept: dict[str, str] | None = None) -> None:
        super().__init__(lambda: None)
        self.kept = kept if kept is not None else {}
        self.ill = ""
        self.loads = 0

    def load(self, names: Iterable[str]) -> None:
        self._fail()
        self.loads += 1
        self.known = {name: self.kept[name] for name in names if name in self.kept}

    def keep(self, name: str, key: str) -> None:
        self._fail()
        self.kept[name] = key
        self.known = {**self.known, name: key}

    def drop(self, name: str) -> bool:
        self._fail()
        self.known = {}
        return self.kept.pop(name, None) is not None

    def _fail(self) -> None:
        self.trouble = self.ill
        if self.ill:
            raise StoreError(self.ill)


def test_with_a_keyring_the_file_holds_nothing(file: KeyFile) -> None:
    file.set("openai", "sk-old")
    ring = Ring()
    store = KeyStore(file, ring)
    assert store.set("openai", "sk-new") == KEYRING
    assert ring.kept == {"openai": "sk-new"}
    assert file.names() == []
    assert store.get("openai") == "sk-new"
    assert store.place("openai") == KEYRING
    assert store.trouble == ""
    assert "sk-" not in (file.path.parent / "keyring.json").read_text()
    assert store.remove("openai")
    assert not store.remove("openai")
    assert (store.get("openai"), store.place("openai")) == ("", "")


def test_a_keyring_that_fails_leaves_it_to_the_file_and_says_so(file: KeyFile) -> None:
    ring = Ring({"openai": "sk-old"})
    store = KeyStore(file, ring)
    store.load(["openai"])
    ring.ill = "The system keyring did not answer within 3 s."
    assert store.set("openai", "sk-new") == str(file.path)
    assert store.trouble == ring.ill
    ring.ill = ""
    store.load(["openai"])
    assert ring.known == {"openai": "sk-old"}
    assert store.get("openai") == "sk-new"
    assert store.place("openai") == str(file.path)
    assert store.set("openai", "sk-third") == KEYRING
    assert store.get("openai") == "sk-third"
    assert file.get("openai") is None


def test_a_key_that_may_still_be_in_the_keyring_is_not_called_removed(file: KeyFile) -> None:
    ring = Ring()
    store = KeyStore(file, ring)
    store.set("openai", "sk-1")
    ring.ill = "The system keyring does not answer."
    may_be = r"does not answer\. The key of openai may still be"
    with pytest.raises(ConfigError, match=may_be):
        store.remove("openai")
    store.set("openai", "sk-2")
    with pytest.raises(ConfigError, match=may_be):
        store.remove("openai")
    ring.ill = ""
    store.load(["openai"])
    assert ring.known == {"openai": "sk-1"}
    assert store.get("openai") == ""
    assert store.remove("openai")
    assert ring.kept == {}


def test_a_machine_without_a_keyring_has_the_file_alone(file: KeyFile) -> None:
    store = KeyStore(file, SystemKeyring(lambda: None))
    assert store.set("openai", "sk-1") == str(file.path)
    assert [path.name for path in file.path.parent.iterdir()] == ["auth.json"]
    store.load(["openai"])
    assert "does not exist" in store.trouble
    assert store.get("openai") == "sk-1"
    assert store.remove("openai")


def test_the_keyring_comes_before_the_file_and_after_the_settings(file: KeyFile) -> None:
    file.set("openai", "from-file")
    ring = Ring({"openai": "from-keyring"})
    keys = Keys(file, {}, {}, ring)
    assert keys.find(OPENAI) == "from-file"
    asyncio.run(keys.ready(["openai"]))
    assert keys.find(OPENAI) == "from-keyring"
    assert Keys(file, {"openai": "extra"}, {}, ring).find(OPENAI) == "extra"
    spelled = replace(OPENAI, api_key="spelled-out")
    assert Keys(file, {}, {"OPENAI_API_KEY": "environment"}, ring).find(spelled) == "spelled-out"


def test_the_keyring_is_asked_once_and_again_when_a_key_was_set(file: KeyFile) -> None:
    kept: dict[str, str] = {}
    ring = Ring(kept)
    keys = Keys(file, {}, {}, ring)

    async def run() -> None:
        await asyncio.gather(*(keys.ready(["openai"]) for _ in range(5)))
        assert ring.loads == 1
        KeyStore(file, Ring(kept)).set("openai", "sk-1")
        await keys.ready(["openai"])
        assert keys.find(OPENAI) == "sk-1"
        KeyStore(file, Ring(kept)).set("openai", "sk-2")
        await asyncio.gather(*(keys.ready(["openai"]) for _ in range(5)))
        assert keys.find(OPENAI) == "sk-2"
        assert ring.loads == 3
        await keys.ready(["openai", "groq"])
        assert ring.loads == 4

    asyncio.run(run())


def test_a_keyring_that_hangs_does_not_hang_the_loop(
    file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, late = threading.Event(), threading.Event()

    def hanging() -> None:
        assert free.wait(30)

    class Answers(queue.Queue[Any]):
        """It is waited for until the test says that it takes too long."""

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            assert late.wait(30)
            raise queue.Empty

    answering = SimpleNamespace(SimpleQueue=Answers, Empty=queue.Empty)
    monkeypatch.setattr("zeke_bridge.core.system_keyring.queue", answering)
    file.set("openai", "from-file")
    keys = Keys(file, {}, {}, SystemKeyring(hanging))

    async def run() -> None:
        waiting = asyncio.create_task(keys.ready(["openai"]))
        for _ in range(50):
            turn = asyncio.Event()
            asyncio.get_running_loop().call_soon(turn.set)
            await turn.wait()
        assert not waiting.done()
        late.set()
        await waiting
        await keys.ready(["openai"])

    asyncio.run(run())
    free.set()
    assert keys.find(OPENAI) == "from-file"


def test_two_who_set_keys_at_once_lose_none(file: KeyFile) -> None:
    threads = [
        threading.Thread(target=KeyFile(file.path).set, args=(f"p{number}", "sk-1"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(file.names()) == 8
