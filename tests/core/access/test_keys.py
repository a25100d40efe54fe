from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from zeke_bridge.config.ghostllm.schema import Rates
from zeke_bridge.core.access.keys import ClientKeys, clients_file
from zeke_bridge.model.errors import AccessError, ConfigError, InputError

DAY = 86400.0


@pytest.fixture
def keys(tmp_path: Path) -> ClientKeys:
    return ClientKeys(tmp_path / "ghostllm" / "clients.json")


def test_a_key_opens_from_now_on_and_is_nowhere_in_the_file(keys: ClientKeys) -> None:
    assert not keys.any()
    assert not keys.usable(0)
    client, secret = keys.create("laptop", 100, rates=Rates(60, 1000, 2), daily_limit=1.5)
    assert secret.startswith("gk-")
    assert len(secret) == 46
    assert keys.find(secret, 101) == client
    assert (client.name, client.daily_limit, client.rates) == ("laptop", 1.5, Rates(60, 1000, 2))
    text = keys.path.read_text()
    assert secret not in text
    assert secret[3:] not in text
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in keys.path.parent.iterdir()] == ["clients.json"]
    assert secret not in repr(keys.__dict__)


def test_another_process_sees_it_at_once(keys: ClientKeys) -> None:
    running = ClientKeys(keys.path)
    assert not running.any()
    client, secret = keys.create("laptop", 0)
    assert running.find(secret, 0) == client
    assert ClientKeys(keys.path).clients() == [client]
    keys.revoke("laptop", 5)
    assert running.find(secret, 6) is None


@pytest.mark.parametrize("secret", ["", "gk-", "gk-" + "A" * 43, "\udcff\udcfe", "x" * 100_000])
def test_a_wrong_key_is_nobodys(keys: ClientKeys, secret: str) -> None:
    assert keys.find(secret, 0) is None
    keys.create("laptop", 0)
    assert keys.find(secret, 0) is None


def test_every_key_and_every_id_is_another(keys: ClientKeys) -> None:
    made = [keys.create(f"client{number}", 0) for number in range(20)]
    assert len({secret for _, secret in made}) == len({client.id for client, _ in made}) == 20
    for client, secret in made:
        assert keys.find(secret, 0) == client
    assert [client.name for client in keys.clients()] == sorted(c.name for c, _ in made)


def test_a_key_ends_with_its_time(keys: ClientKeys) -> None:
    client, secret = keys.create("guest", 0, expires=DAY)
    assert keys.find(secret, DAY - 1) == client
    assert keys.usable(DAY - 1)
    with pytest.raises(AccessError, match="guest has expired") as caught:
        keys.find(secret, DAY)
    assert secret not in str(caught.value)
    assert not keys.usable(DAY)
    assert keys.any()
    with pytest.raises(InputError, match="expired"):
        keys.rotate("guest", DAY)


def test_a_revoked_key_is_nobodys_and_still_closes_the_core(keys: ClientKeys) -> None:
    client, secret = keys.create("laptop", 0)
    assert keys.revoke("laptop", 7).revoked == 7
    assert keys.find(secret, 8) is None
    assert keys.any()
    assert not keys.usable(8)
    with pytest.raises(InputError, match="There is no key 'laptop': there are none"):
        keys.revoke("laptop", 9)
    second, _ = keys.create("laptop", 10)
    assert second.id != client.id
    assert keys.clients() == [second]


def test_rotation_keeps_the_client_and_lets_the_old_key_go_on_for_a_while(
    keys: ClientKeys,
) -> None:
    client, old = keys.create("laptop", 0, rates=Rates(requests_per_minute=5))
    same, new = keys.rotate("laptop", 100, grace=60)
    assert same == client
    assert keys.find(new, 100) == keys.find(old, 159) == client
    with pytest.raises(AccessError, match="expired"):
        keys.find(old, 160)
    third = keys.rotate(client.id, 200)[1]
    assert keys.find(third, 200) == client
    assert keys.find(old, 200) is None
    with pytest.raises(AccessError):
        keys.find(new, 200)
    keys.rotate("laptop", 300, grace=60)
    keys.revoke("laptop", 301)
    assert keys.find(third, 302) is None


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "a/b", "ä", "a\n", "x" * 65, "\x1b[2J"])
def test_what_cannot_be_a_name(keys: ClientKeys, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        keys.create(name, 0)
    assert not keys.any()


def test_a_name_is_given_once(keys: ClientKeys) -> None:
    keys.create("laptop", 0)
    with pytest.raises(InputError, match="already"):
        keys.create("laptop", 0)


@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(keys: ClientKeys, number: float) -> None:
    for limits in ({"rates": Rates(number)}, {"daily_limit": number}, {"monthly_limit": number}):
        with pytest.raises(InputError, match="above 0"):
            keys.create("laptop", 0, **limits)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"clients": 3}',
        '{"others": []}',
        '{"clients": [{"id": "a"}]}',
        '{"clients": [{"id": "a", "name": "b", "sha256": "short"}]}',
        '{"clients": [{"id": "a", "name": "b\\u001b", "sha256": "%s"}]}' % ("0" * 64),
        '{"clients": [{"id": "a", "name": "b", "sha256": "%s", "daily_limit": "1"}]}' % ("0" * 64),
        '{"clients": [{"id": "a", "name": "b", "sha256": "%s", "expires": NaN}]}' % ("0" * 64),
        '{"clients": [{"id": "a", "name": "b", "sha256": "%s", "former": 1}]}' % ("0" * 64),
    ],
)
def test_a_damaged_file_lets_nobody_in(keys: ClientKeys, text: str) -> None:
    _, secret = keys.create("laptop", 0)
    keys.path.write_text(text)
    for look in (keys.any, keys.clients, lambda: keys.find(secret, 0), lambda: keys.usable(0)):
        with pytest.raises(ConfigError, match=r"damaged: remove it"):
            look()
    with pytest.raises(ConfigError):
        keys.create("desk", 0)
    keys.path.unlink()
    assert not keys.any()


def test_a_file_that_others_can_read_lets_nobody_in(keys: ClientKeys) -> None:
    _, secret = keys.create("laptop", 0)
    assert keys.find(secret, 0)
    keys.path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        keys.find(secret, 0)
    keys.path.chmod(0o600)
    assert keys.find(secret, 0)


def test_a_link_or_something_else_in_its_place_lets_nobody_in(
    keys: ClientKeys, tmp_path: Path
) -> None:
    keys.path.parent.mkdir()
    keys.path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError):
        keys.any()
    keys.path.unlink()
    keys.path.mkdir()
    with pytest.raises(ConfigError):
        ClientKeys(keys.path).any()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        ClientKeys(tmp_path / "file" / "clients.json").any()


def _create(path: Path, name: str) -> None:
    ClientKeys(path).create(name, 0)


def test_several_processes_at_once_lose_no_key(keys: ClientKeys) -> None:
    context = multiprocessing.get_context("fork")
    running = [
        context.Process(target=_create, args=(keys.path, f"client{number}")) for number in range(6)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(20)
        assert process.exitcode == 0
    assert len(keys.clients()) == 6


def test_where_the_file_is(tmp_path: Path) -> None:
    assert clients_file({"GHOSTLLM_CONFIG_DIR": str(tmp_path)}) == tmp_path / "clients.json"


def test_the_file_is_plain_json(keys: ClientKeys) -> None:
    keys.create("laptop", 0, monthly_limit=5)
    (row,) = json.loads(keys.path.read_text())["clients"]
    assert row["name"] == "laptop"
    assert row["monthly_limit"] == 5
    assert len(row["sha256"]) == 64
