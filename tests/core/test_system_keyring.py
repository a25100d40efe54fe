from __future__ import annotations

import threading

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from zeke_bridge.core import system_keyring
from zeke_bridge.core.system_keyring import SystemKeyring, real_backend
from zeke_bridge.model.errors import StoreError

SECRET = "sk-very-secret"


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class Locked(Ring):
    """A keyring whose errors quote what they should not."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(SECRET)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(password)


class Forgetful(Ring):
    """A keyring that keeps nothing, and does not say so."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Hanging(Ring):
    """A keyring that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        assert self.free.wait(30)
        return super().get_password(service, username)


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of these tests are no keyrings of this machine."""
    monkeypatch.setattr(KeyringBackend, "_classes", {fail.Keyring, chainer.ChainerBackend})


def test_a_key_is_kept_loaded_and_dropped() -> None:
    backend = Ring()
    ring = SystemKeyring(lambda: backend)
    ring.keep("openai", SECRET)
    assert backend.kept == {("ghostllm", "openai"): SECRET}
    other = SystemKeyring(lambda: backend)
    assert other.known == {}
    other.load(["openai", "groq"])
    assert other.known == {"openai": SECRET}
    assert other.drop("openai")
    assert not other.drop("openai")
    assert (other.known, backend.kept, other.trouble) == ({}, {}, "")
    ring.load(["openai"])
    assert ring.known == {}


def test_a_machine_without_one_says_so() -> None:
    ring = SystemKeyring(lambda: None)
    with pytest.raises(StoreError, match="does not exist on this machine"):
        ring.keep("openai", SECRET)
    assert ring.absent
    assert ring.trouble == "The system keyring does not exist on this machine."


def test_one_that_refuses_is_named_and_never_quoted() -> None:
    ring = SystemKeyring(Locked)
    for ask in (lambda: ring.keep("openai", SECRET), lambda: ring.load(["openai"])):
        with pytest.raises(StoreError, match=r"failed \(KeyringLocked\)") as caught:
            ask()
        assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r} {ring.trouble}"
    assert not ring.absent


def test_one_that_cannot_be_opened_is_trouble_and_no_crash() -> None:
    def broken() -> KeyringBackend:
        raise RuntimeError("no bus")

    with pytest.raises(StoreError, match="RuntimeError"):
        SystemKeyring(broken).load(["openai"])


def test_one_that_keeps_nothing_is_found_out() -> None:
    with pytest.raises(StoreError, match="LookupError"):
        SystemKeyring(Forgetful).keep("openai", SECRET)


def test_one_that_hangs_is_left_alone_until_it_answers() -> None:
    backend = Hanging()
    backend.kept["ghostllm", "openai"] = SECRET
    ring = SystemKeyring(lambda: backend, limit_s=0.05)
    with pytest.raises(StoreError, match=r"did not answer within 0.05 s"):
        ring.load(["openai"])
    for _ in range(3):
        with pytest.raises(StoreError, match="does not answer"):
            ring.load(["openai"])
    assert backend.asked == 1
    assert len([t for t in threading.enumerate() if t.name == "keyring"]) == 1
    waiting = next(t for t in threading.enumerate() if t.name == "keyring")
    assert waiting.daemon
    backend.free.set()
    waiting.join(30)
    assert ring.known == {"openai": SECRET}
    ring._limit_s = 30.0
    ring.load(["openai"])
    assert ring.trouble == ""


def chosen(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr("keyring.get_keyring", lambda: backend)


class Plain(Ring):
    """As keyrings.alt's file, which anybody can read."""

    priority = 0.5  # type: ignore[assignment]


class Alternative(Ring):
    """As keyrings.alt's others."""


Alternative.__module__ = "keyrings.alt.file"


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), Plain(), Alternative()])
def test_what_protects_nothing_is_no_keyring(
    monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend
) -> None:
    chosen(monkeypatch, backend)
    assert real_backend() is None


def test_a_real_one_is_taken_alone_or_out_of_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ring()
    chosen(monkeypatch, real)
    assert real_backend() is real
    chain = chainer.ChainerBackend()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [Plain(), real])
    chosen(monkeypatch, chain)
    assert real_backend() is real
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [])
    assert real_backend() is None


def test_the_service_has_the_name_that_people_type() -> None:
    assert system_keyring.SERVICE == "ghostllm"
