from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.access.origin import Places

LOCAL = Places("127.0.0.1", ("https://notes.example", "chrome-extension://abc", "*", "null"))
EVERYWHERE = Places("0.0.0.0")


@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"LocalHost:8080",
        b"localhost.:8080",
        b"127.0.0.1",
        b"127.0.0.1:8080",
        b"127.9.8.7:1",
        b"[::1]",
        b"[::1]:8080",
        b"[0:0:0:0:0:0:0:1]:8080",
        b"notes.example",
    ],
)
def test_a_host_that_is_this_core(host: bytes) -> None:
    assert LOCAL.serves(host, keyless=True)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b":8080",
        b".",
        b"evil.example",
        b"evil.example:8080",
        b"localhost.evil.example",
        b"127.0.0.1.evil.example",
        b"127.0.0.1@evil.example",
        b"evil.example#localhost",
        b"localhost:8080:80",
        b"localhost:port",
        b"localhost:99999",
        b"localhost evil.example",
        b"localhost,evil.example",
        b"localhost/evil",
        b"[::1",
        b"::1",
        b"[::1]evil",
        b"[evil.example]",
        b"0.0.0.0:8080",
        b"192.168.1.5:8080",
        b"2130706433",
        b"127.1",
        b"localhost\x00",
        b"localh\xf6st",
        b"\xff" * 300,
        b"notes.example:1",
    ],
)
def test_a_host_that_is_not(host: bytes) -> None:
    assert not LOCAL.serves(host, keyless=True)


def test_where_it_listens_is_its_own_name() -> None:
    assert Places("192.168.1.5").serves(b"192.168.1.5:8080", keyless=False)
    assert not Places("192.168.1.5").serves(b"evil.example", keyless=False)
    assert Places("Desk.Lan").serves(b"desk.lan:80", keyless=False)
    assert Places("fd00::1").serves(b"[fd00::1]:8080", keyless=False)


def test_everywhere_with_keys_any_well_formed_name_will_do() -> None:
    assert EVERYWHERE.serves(b"ghostllm:8080", keyless=False)
    assert Places("::").serves(b"ghostllm:8080", keyless=False)
    assert not EVERYWHERE.serves(b"ghost llm", keyless=False)
    assert not EVERYWHERE.serves(b"evil.example", keyless=True)


@pytest.mark.parametrize(
    "origin",
    [
        b"http://localhost",
        b"http://localhost:3000",
        b"https://LOCALHOST:3000",
        b"http://127.0.0.1:8080",
        b"http://[::1]:8080",
        b"https://notes.example",
        b"chrome-extension://abc",
    ],
)
def test_an_origin_that_may_ask(origin: bytes) -> None:
    assert LOCAL.allows(origin, b"localhost:8080")


@pytest.mark.parametrize(
    "origin",
    [
        b"",
        b"null",
        b"*",
        b"http://",
        b"http://evil.example",
        b"https://evil.notes.example",
        b"http://notes.example",
        b"https://notes.example.evil",
        b"https://notes.example:444",
        b"http://localhost.evil.example",
        b"http://localhost@evil.example",
        b"http://evil.example/localhost",
        b"ftp://localhost",
        b"file://",
        b"chrome-extension://other",
        b"http://localhost http://evil.example",
        b"http://localh\xf6st",
        b"localhost",
    ],
)
def test_an_origin_that_may_not(origin: bytes) -> None:
    assert not LOCAL.allows(origin, b"localhost:8080")


def test_a_page_of_the_core_itself_may_ask_it() -> None:
    own = Places("192.168.1.5")
    assert own.allows(b"http://192.168.1.5:8080", b"192.168.1.5:8080")
    assert not own.allows(b"http://192.168.1.5:8081", b"192.168.1.5:8080")
    assert not own.allows(b"http://evil.example", b"192.168.1.5:8080")


def test_only_what_the_user_named_is_named() -> None:
    assert LOCAL.named(b"https://Notes.example")
    assert not LOCAL.named(b"http://localhost:3000")
    assert not LOCAL.named(b"*")
    assert not LOCAL.named(b"null")


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_it_never_raises_and_strangers_never_pass(host: bytes, origin: bytes) -> None:
    if LOCAL.serves(host, keyless=True):
        text = host.decode("latin-1").lower()
        assert text.startswith(("localhost", "127.", "[", "notes.example"))
    LOCAL.allows(origin, host)
    LOCAL.named(origin)


NAMES = st.from_regex(r"[a-z]{1,8}(\.[a-z0-9-]{1,8}){1,3}(:[0-9]{1,4})?", fullmatch=True)


@given(NAMES)
def test_no_name_of_the_internet_passes(name: str) -> None:
    assert not Places("127.0.0.1").serves(name.encode(), keyless=True)
    assert not Places("127.0.0.1").allows(f"http://{name}".encode(), b"localhost")
