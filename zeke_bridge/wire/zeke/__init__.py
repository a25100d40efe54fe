"""The bodies of ``/v1/zeke/…``, ``/v1/models``, ``/health`` and ``/auth/status``, and the values.

One module an endpoint family. Knows nothing of HTTP.
"""

from zeke_bridge.wire.zeke.analyze import AnalyzeAnswer, AnalyzeRequest
from zeke_bridge.wire.zeke.body import invalid, read_answer, read_request
from zeke_bridge.wire.zeke.budget import BudgetAnswer
from zeke_bridge.wire.zeke.code import CodeRequest, CompleteRequest
from zeke_bridge.wire.zeke.envelope import Envelope, TextAnswer
from zeke_bridge.wire.zeke.health import HealthAnswer
from zeke_bridge.wire.zeke.keys import KeysAnswer
from zeke_bridge.wire.zeke.models import ModelsAnswer
from zeke_bridge.wire.zeke.project import ContextRequest
from zeke_bridge.wire.zeke.snippet import MAX_CODE
from zeke_bridge.wire.zeke.terminal import SuggestAnswer, TerminalRequest

__all__ = [
    "MAX_CODE",
    "AnalyzeAnswer",
    "AnalyzeRequest",
    "BudgetAnswer",
    "CodeRequest",
    "CompleteRequest",
    "ContextRequest",
    "Envelope",
    "HealthAnswer",
    "KeysAnswer",
    "ModelsAnswer",
    "SuggestAnswer",
    "TerminalRequest",
    "TextAnswer",
    "invalid",
    "read_answer",
    "read_request",
]
