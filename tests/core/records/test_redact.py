"""What is taken out of texts, and what stays.

The corpora are beside this file. In ``secrets.jsonl`` a ``¦`` stands in the middle of each secret,
so that no scanner takes it for a real one; every one of them was made up.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeke_bridge.core.records.redact import redact, redact_json

HERE = Path(__file__).parent


def corpus(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").replace("¦", "").splitlines()
    return [json.loads(line) for line in lines]


SECRETS = corpus("secrets.jsonl")
HARMLESS = [row["text"] for row in corpus("harmless.jsonl")]
TEXTS = [row["text"] for row in SECRETS]
# What hostile text is made of: the beginnings of everything that is looked for.
PIECES = [
    *("a", "1", "1 ", "12-", "+1", "+1 ", "a@", "a.", "a@a.", "sk-", "sk-a1", "eyJ", "eyJaaaaaa."),
    *("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAA\n", "-----"),
    *("token=", 'password="', "password: '", "pass ", "secret", "://a:b", "?key=a&", "cookie:a="),
    *("authorization: digest a=", "Bearer a", "tid=aaaaaaaaaaaaaaaa;a=b", "curl -u ", "mysql -p"),
    *("login a password ", "--token ", "DE89 ", "4111-1111-", "tel ", "phone: 1 ", "$2b$12$"),
    *("AKIA", "x-a-key", "[REDACTED:key]", '\\"', "\n", "İ", "密码", "0123456789abcdef.", "://a."),
]


def test_the_corpora_are_large_enough() -> None:
    assert len(SECRETS) >= 150
    assert len(HARMLESS) >= 80


@pytest.mark.parametrize("row", SECRETS, ids=range(len(SECRETS)))
def test_secrets_go(row: dict[str, Any]) -> None:
    done = redact(row["text"])
    assert [gone for gone in row["gone"] if gone in done] == []
    assert [stays for stays in row.get("stays", []) if stays not in done] == []
    assert "[REDACTED:" in done
    assert redact(done) == done


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_our_own_sources_stay_as_they_are() -> None:
    root = HERE.parents[2] / "zeke_bridge"
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert redact(text) == text, path


def test_only_the_secret_goes() -> None:
    assert redact("DB_PASSWORD=hunter2 make run") == "DB_PASSWORD=[REDACTED:secret] make run"
    assert redact("x = {'api_key': 'a1b2c3d4e5f6g7h8'}") == "x = {'api_key': '[REDACTED:secret]'}"
    assert redact("https://jane:pw1@host/x?a=1") == "https://[REDACTED:login]@host/x?a=1"
    assert redact("to jane@example.com, now") == "to [REDACTED:email], now"


@given(st.text(max_size=300))
def test_any_text_is_fine(text: str) -> None:
    done = redact(text)
    assert redact(done) == done


@given(
    st.lists(
        st.one_of(st.sampled_from(TEXTS), st.sampled_from(HARMLESS), st.sampled_from(PIECES)),
        max_size=8,
    ),
    st.sampled_from(["", " ", "\n", '"', ", ", "=", "@"]),
)
@settings(max_examples=300)
def test_to_do_it_again_changes_nothing(parts: list[str], between: str) -> None:
    done = redact(between.join(parts))
    assert redact(done) == done


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5))
def test_secrets_go_in_company_too(texts: list[str]) -> None:
    done = redact("\n\n".join(texts))
    for text in texts:
        row = SECRETS[TEXTS.index(text)]
        assert [gone for gone in row["gone"] if gone in done] == []


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        began = time.process_time()
        redact(text)
        return time.process_time() - began

    # Twelve times as long may take three times that; if it went by the square, 144 times.
    assert seconds(60_000) < 36 * seconds(5_000) + 0.05


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"password": "x"}, {"password": "[REDACTED:secret]"}),
        ({"API-Key": "x", "n": 1}, {"API-Key": "[REDACTED:secret]", "n": 1}),
        ({"password": "${PW}"}, {"password": "${PW}"}),
        ({"password": ""}, {"password": ""}),
        ({"password": None, "token": 5}, {"password": None, "token": 5}),
        ([{"a": ["mail a.b@example.com"]}], [{"a": ["mail [REDACTED:email]"]}]),
        ({"jane@example.com": 1}, {"[REDACTED:email]": 1}),
        (("a", 1.5, True), ["a", 1.5, True]),
    ],
)
def test_plain_data(value: Any, expected: Any) -> None:
    assert redact_json(value) == expected


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(TEXTS) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(DATA)
def test_any_data_is_fine(value: Any) -> None:
    done = redact_json(value)
    assert redact_json(done) == done


def test_data_that_is_nested_too_deep_is_left_out() -> None:
    value: Any = "password = 'hunter2'"
    for _ in range(3000):
        value = [value]
    assert "hunter2" not in str(redact_json(value))
