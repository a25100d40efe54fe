"""GLM: OpenAI's dialect, whose key may be an id and a secret that signs each token.

A key ``id.secret`` becomes a JSON Web Token as https://docs.bigmodel.cn/cn/api/http says (times in
milliseconds, a header field of its own); any other key is sent as it is. Signed here and not by a
library, because the secrets are shorter than libraries let pass without a warning.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from zeke_bridge.core.providers.openai import OpenAIProvider

_LASTS = 600.0
_RENEWED = _LASTS / 2
_HEADER = {"alg": "HS256", "sign_type": "SIGN"}


def signed(key: str, now: float) -> str:
    """The token for ``key`` at ``now`` (seconds since 1970), or ``key`` itself if it signs none."""
    name, _, secret = key.partition(".")
    if not name or not secret or "." in secret:
        return key
    issued = round(now * 1000)
    claims = {"api_key": name, "exp": issued + round(_LASTS * 1000), "timestamp": issued}
    text = f"{_encoded(_HEADER)}.{_encoded(claims)}"
    signature = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    return f"{text}.{_base64(signature)}"


class GlmProvider(OpenAIProvider):
    """``OpenAIProvider`` with tokens that it signs, each used for five minutes."""

    _signed: tuple[str, float, str] = ("", 0.0, "")

    def _key(self) -> str:
        key, now = super()._key(), time.time()
        of, since, token = self._signed
        if key != of or not 0 <= now - since < _RENEWED:
            token = signed(key, now)
            self._signed = (key, now, token)
        return token


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
