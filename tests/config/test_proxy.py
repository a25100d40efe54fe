"""Which proxy the environment names."""

from __future__ import annotations

import pytest

from zeke_bridge.config.proxy import is_here, proxy_for


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://far.example/v1", "http://proxy:3128"),
        ("https://far.example", "http://secure:3128"),
        ("http://near.example/v1", ""),
        ("http://127.0.0.1:8080/v1", ""),
        ("http://localhost:8080/v1", ""),
        ("http://[::1]:8080/v1", ""),
    ],
)
def test_a_proxy_is_for_far_hosts(monkeypatch: pytest.MonkeyPatch, url: str, proxy: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("https_proxy", "http://secure:3128")
    monkeypatch.setenv("no_proxy", "near.example")
    assert proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1:4000/v1", True),
        ("https://[::1]/x", True),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1@far.example", False),
        ("nonsense", False),
    ],
)
def test_what_is_of_this_machine(url: str, here: bool) -> None:
    assert is_here(url) is here
