from __future__ import annotations

import jwt
import pytest

from zeke_bridge.core.providers.glm import signed

SECRET = "s" * 32


def test_a_token_is_what_a_library_reads() -> None:
    token = signed(f"an-id.{SECRET}", 1000.5)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "sign_type": "SIGN"}
    claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_exp": False})
    assert claims == {"api_key": "an-id", "timestamp": 1000500, "exp": 1600500}


@pytest.mark.parametrize("key", ["", "plain", "a.b.c", ".secret", "id."])
def test_another_key_is_sent_as_it_is(key: str) -> None:
    assert signed(key, 0) == key
