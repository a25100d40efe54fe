"""Every method with everything an editor might send: an answer or a sentence, never a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.street import Street
from zeke_bridge import __version__
from zeke_bridge.bridge.connection import Connection
from zeke_bridge.bridge.methods import _METHODS, MAIL, EditorHandler
from zeke_bridge.model.action import Action, Op

pytestmark = pytest.mark.anyio

TOKEN = "t" * 64
METHODS = ("hello", "nothing", *_METHODS, *sorted(MAIL))
FIELDS = (
    "id", "ids", "cwd", "hash", "prompt", "prompts", "choice", "what", "reply", "settings", "kind",
    "buffer", "instruction", "kinds", "messages", "model", "hunks", "reason", "fits",
    "modified", "provider", "key", "test", "version", "token", "pid", "runtimepath", "unsaved", "ui", "file", "round",
    "path", "text",
)  # fmt: skip
ODD = st.sampled_from(
    ["\0", "/\0", "a\0b", "..", "/" * 5000, "\udcff", "/\udcff", "²", "9" * 5000, "/nowhere", "deny",
     "once", "project", "consents", "status", "chat", "edit", "explain", "1"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=4) | ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(ODD | st.integers() | st.binary(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5)


class Wire(Connection):
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        self.events.append((name, payload))

    def named(self, name: str) -> list[Mapping[str, Any]]:
        return [payload for known, payload in self.events if known == name]


class Caller:
    """An editor that asks and waits for the answer."""

    def __init__(self, street: Street) -> None:
        self.wire = Wire()
        self.handler = EditorHandler(self.wire, street.broker, TOKEN)
        self.street = street

    def hello(self, **more: Any) -> Any:
        fields = {"version": __version__, "token": TOKEN, "cwd": str(self.street.project)}
        return self.call("hello", fields | more)

    async def call(self, method: str, *params: Any) -> tuple[Any, Any]:
        got: asyncio.Future[tuple[Any, Any]] = asyncio.get_running_loop().create_future()
        self.handler.requested(method, list(params), lambda *pair: got.set_result(pair))
        async with asyncio.timeout(10):
            return await got


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(Street(tmp_path))


def _check(pair: tuple[Any, Any]) -> None:
    error, result = pair
    assert (error is None) != (result is None)
    if error is not None:
        assert error["code"]
        assert 0 < len(error["message"]) < 6000
        assert "itself failed" not in error["message"], error


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=st.sampled_from(METHODS), fields=TABLES, greeted=st.booleans())
def test_nothing_an_editor_sends_breaks_anything(
    tmp_path: Path, method: str, fields: dict[str, Any], greeted: bool
) -> None:
    async def send() -> None:
        caller = Caller(street)
        if greeted:
            _check(await caller.hello())
        _check(await caller.call(method, fields))
        caller.handler.notified(method, [fields])
        caller.handler.lost()
        assert not any("itself failed" in str(event) for event in caller.wire.events)
        await asyncio.gather(*caller.handler._pending, return_exceptions=True)

    street = street_of(tmp_path)
    asyncio.run(send())


def street_of(base: Path) -> Street:
    """One for all examples: what they do to files is the same in any order."""
    if base not in _STREETS:
        _STREETS[base] = Street(base)
    return _STREETS[base]


_STREETS: dict[Path, Street] = {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("params", [[], [1], [None], ["x"], [[1]], [{}, {}], [[]], [{}]])
async def test_params_of_the_wrong_shape(caller: Caller, method: str, params: list[Any]) -> None:
    if method != "hello":
        _check(await caller.hello())
    if (method, params) == ("broker.stop", [{}]):
        return
    _check(await caller.call(method, *params))


@pytest.mark.parametrize(
    ("method", "fields", "says"),
    [
        ("consent.answer", {"prompt": "x"}, "choice"),
        ("consent.answer", {"choice": "once"}, "prompt"),
        ("consent.answer", {"prompts": "x", "choice": "once"}, "prompts"),
        ("consent.answer", {"prompts": [1], "choice": "once"}, "prompts"),
        ("consent.answer", {"prompts": [None], "choice": "once"}, "prompts"),
        ("consent.answer", {"prompts": ["x" * 101], "choice": "once"}, "prompts"),
        ("consent.answer", {"prompts": [str(n) for n in range(10_001)], "choice": "deny"}, "10000"),
        ("consent.answer", {"prompts": ["x"], "choice": "always"}, "no answer always"),
        ("consent.answer", {"prompts": ["x"], "choice": True}, "choice"),
        ("consent.revoke", {"cwd": "/"}, "ids"),
        ("consent.revoke", {"ids": [b"x"]}, "ids"),
        ("consent.revoke", {"ids": [], "cwd": "relative"}, "cwd"),
        ("consent.revoke", {"ids": [], "cwd": "/a\0b"}, "cwd"),
        ("consent.trust", {"hash": 5}, "hash"),
        ("consent.reject", {}, "hash"),
        ("consent.exclude", {"cwd": 5}, "cwd"),
        ("state.get", {"what": "consents", "cwd": "/\0"}, "cwd"),
        ("task.submit", {"id": "1", "kind": "chat", "cwd": "x"}, "cwd"),
    ],
)
async def test_a_wrong_field_is_named(
    caller: Caller, method: str, fields: dict[str, Any], says: str
) -> None:
    _check(await caller.hello())
    error, _ = await caller.call(method, fields)
    assert says in error["message"]
    caller.handler.notified(method, [fields])
    await asyncio.gather(*caller.handler._pending, return_exceptions=True)
    await caller.street.turn()
    assert any(says in str(payload) for _, payload in caller.wire.events)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"ui": 1}, "ui"), ({"ui": "yes"}, "ui"), ({"cwd": "x"}, "cwd"), ({"cwd": "/\0"}, "cwd")],
)
async def test_a_hello_with_a_mistake(caller: Caller, wrong: dict[str, Any], says: str) -> None:
    error, _ = await caller.hello(**wrong)
    assert says in error["message"]


@pytest.mark.parametrize(
    ("version", "outdated"),
    [("99.0", True), ("0", False), ("²", False), ("9" * 5000, False), ("", False), ("x.y", False)],
)
async def test_any_version_can_be_compared(caller: Caller, version: str, outdated: bool) -> None:
    error, _ = await caller.hello(version=version)
    assert bool(error and error["code"] == "outdated") == outdated
    assert bool(caller.street.stopped) == outdated


async def test_bytes_in_a_runtimepath_are_no_reason_to_refuse(caller: Caller) -> None:
    assert (await caller.hello(runtimepath=["/a", "/\udcff", "\0", ""]))[0] is None
    (session,) = caller.street.broker.editors
    assert session.consents.runtimepath == ("/a", "/\udcff")


async def test_an_editor_says_what_is_not_saved(caller: Caller) -> None:
    assert (await caller.hello(unsaved=["/a", "/\udcff", "\0", ""]))[0] is None
    (session,) = caller.street.broker.editors
    assert session.asking.unsaved == {"/a", "/\udcff"}
    session.asking.silent = True
    assert await caller.call("editor.unsaved", {"paths": []}) == (None, {})
    assert session.asking.unsaved == frozenset()
    assert not session.asking.silent
    for wrong in ({}, {"paths": None}, {"paths": "/a"}):
        error, _ = await caller.call("editor.unsaved", wrong)
        assert "paths" in error["message"]
    assert session.asking.unsaved == frozenset()


async def test_one_that_does_not_say_may_have_changes_anywhere(caller: Caller) -> None:
    await caller.hello()
    (session,) = caller.street.broker.editors
    assert session.asking.unsaved is None
    assert session.asking.may_be_unsaved("/a")


async def test_answers_by_rpc(caller: Caller) -> None:
    await caller.hello()
    (session,) = caller.street.broker.editors
    wanted = [
        Action(Op.DELETE, str(caller.street.project), path=name, base_sha256="b" * 64)
        for name in ("a.py", "b.py")
    ]
    tasks = [asyncio.create_task(session.authorize(action)) for action in wanted]
    await caller.street.turn()
    _, state = await caller.call("state.get", {"what": "consents"})
    ids = [entry["prompt"] for entry in state["data"]["waiting"]]
    assert await caller.call("consent.answer", {"prompt": "0", "choice": "once"}) == (
        None,
        {"counted": False},
    )
    fields = {"prompts": [*ids, *ids, "0"], "choice": "session"}
    assert await caller.call("consent.answer", fields) == (None, {"counted": 2})
    assert [notice["level"] for notice in caller.wire.named("notice")] == ["warn"]
    for task in tasks:
        (await task).close()
    _, state = await caller.call("state.get", {"what": "consents"})
    chosen = [grant["id"] for grant in state["data"]["session"]]
    assert await caller.call("consent.revoke", {"ids": chosen}) == (None, {"revoked": 2})


async def test_what_an_editor_does_by_itself_is_no_sign_of_life(caller: Caller) -> None:
    await caller.hello()
    (first,) = caller.street.broker.editors
    second, _ = caller.street.editor()
    root = str(caller.street.project)
    await caller.call("state.get", {"what": "consents"})
    await caller.call("settings.update", {"settings": {}})
    await caller.call("editor.unsaved", {"paths": []})
    assert caller.street.broker.editors.host(root) is second.consents
    await caller.call("task.cancel", {})
    assert caller.street.broker.editors.host(root) is first.consents


async def test_a_key_that_is_not_taken_is_not_kept(caller: Caller) -> None:
    await caller.hello()
    fields = {"provider": "openai", "key": "sk-1"}
    error, answer = await caller.call("auth.set", {**fields, "test": True})
    assert error is None
    assert answer["data"] == {
        "provider": "openai",
        "stored": "",
        "outcome": "unknown",
        "message": "Nobody is there.",
        "models": 0,
        "core": None,
    }
    _, answer = await caller.call("auth.set", fields)
    assert answer["data"]["stored"] == "nowhere"


async def test_a_login_has_events_of_its_own(caller: Caller) -> None:
    await caller.hello()
    caller.handler.notified("auth.login", [{"provider": "github"}])
    await caller.street.turn()
    (failed,) = caller.wire.named("auth.failed")
    assert failed["message"] == "There is no provider in this test."
    caller.handler.notified("auth.login", [{}])
    assert "provider" in caller.wire.named("auth.failed")[1]["message"]
    assert await caller.call("auth.cancel", {}) == (None, {"cancelled": False})


async def test_who_gives_no_number_gets_no_answer(caller: Caller) -> None:
    await caller.hello()
    for more in ({}, {"reply": 7}):
        caller.handler.notified("state.get", [{"what": "status", **more}])
        caller.handler.notified("agent.close", [{"session": "a9", **more}])
    await asyncio.gather(*caller.handler._pending, return_exceptions=True)
    assert [told["reply"] for told in caller.wire.named("state")] == [7, 7]
    assert len(caller.wire.named("notice")) == 1
