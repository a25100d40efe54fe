"""``GET /openapi.json``: what the core offers, for programs (OpenAPI 3.1).

https://spec.openapis.org/oas/v3.1.1. The shapes are those that requests are read by, where there
are any; it says no more of a request than the core itself demands.
"""

from zeke_bridge.core.api.document.document import Document

__all__ = ["Document"]
