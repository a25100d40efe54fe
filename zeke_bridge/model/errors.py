"""Every error a person can meet, as one tree.

    ZekeError
    ├── InputError            what was typed or selected cannot be used
    ├── ConfigError           a configuration file or setup() table is wrong
    ├── ConsentError          GhostWarden said no
    │   ├── DeniedError       denied by the policy or the person
    │   ├── BusyError         too many questions wait already
    │   ├── ChangedError      the target moved between the answer and the effect
    │   └── AuditError        the audit line could not be written, so no permit
    ├── PatchError            the model's answer does not land on the text
    ├── CoreError             the routing core or a model behind it
    │   ├── NoModelError      nothing is there that could answer
    │   │   └── UnableError   what is there cannot do what the question needs
    │   ├── UnknownModelError the named model is not among what is there
    │   ├── UnreachableError  no connection
    │   ├── TimedOutError     connected, then silence
    │   ├── BadAnswerError    it answered, and the answer makes no sense
    │   ├── AuthError         the provider's key is missing or wrong
    │   ├── AccessError       the core itself does not let this client in
    │   ├── RateLimitError    too many requests or tokens
    │   ├── CostLimitError    a cost limit is reached
    │   ├── ContextError      the text is longer than the model can read
    │   ├── RefusedError      the provider does not take a request of this form
    │   ├── FilteredError     the provider's content filter said no
    │   └── ProviderError     any other failure the provider reported
    │       └── OverloadedError   it has too much to do
    ├── StoreError            state on disk could not be read or written
    │   └── DamagedError      it is there, and not what was once written
    ├── ProcessError          a program could not be started
    ├── AgentError            an agent or a tool server failed, or is gone
    └── BrokerError           the broker itself: start-up, handshake, protocol

Each class fixes a ``code`` (stable, for programs) and ``retryable``; each instance carries a
sentence that tells a person what to do. An edge (rpc, HTTP, command line) maps it once.
"""

from __future__ import annotations


class ZekeError(Exception):
    """An error with a stable ``code``, a sentence for a person, and whether to try again."""

    code = "error"
    retryable = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(ZekeError):
    """What the person typed or selected cannot be used."""

    code = "bad_input"


class ConfigError(ZekeError):
    """A configuration file or the setup() table is wrong."""

    code = "config_invalid"


class ConsentError(ZekeError):
    """GhostWarden did not let it happen."""

    code = "consent"


class DeniedError(ConsentError):
    """Denied by the policy or by the person."""

    code = "denied"


class BusyError(ConsentError):
    """Too many questions of one subject wait already."""

    code = "busy"
    retryable = True


class ChangedError(ConsentError):
    """The target is no longer what the person said yes to."""

    code = "changed_since"
    retryable = True


class AuditError(ConsentError):
    """The audit line could not be written; without it there is no permit."""

    code = "audit_failed"


class PatchError(ZekeError):
    """The model's answer does not land on the text it was asked about."""

    code = "patch_failed"


class CoreError(ZekeError):
    """The routing core, or a model behind it, failed."""

    code = "core_failed"


class NoModelError(CoreError):
    """There is no model at all that could answer."""

    code = "no_model"


class UnableError(NoModelError):
    """No model that may be asked has an ability that the question needs, such as tool calls."""

    code = "model_unable"


class UnknownModelError(CoreError):
    """The named model is not among what is there."""

    code = "unknown_model"


class UnreachableError(CoreError):
    """No connection to the core or the provider."""

    code = "unreachable"
    retryable = True


class TimedOutError(CoreError):
    """Connected, then nothing for longer than the limit."""

    code = "timed_out"
    retryable = True


class BadAnswerError(CoreError):
    """The other side answered with something that is not its protocol."""

    code = "bad_answer"


class AuthError(CoreError):
    """The provider refused the key, or none was given."""

    code = "auth_failed"


class AccessError(CoreError):
    """The core does not let this client in: no key of its own, an expired one, a wrong origin."""

    code = "access_denied"


class RateLimitError(CoreError):
    """Too many requests or tokens; ``retry_after`` in seconds, when that was said."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CostLimitError(CoreError):
    """A cost limit is reached: nothing that costs is asked before the period ends."""

    code = "cost_limit"


class ContextError(CoreError):
    """The text is longer than the model can read."""

    code = "context_too_long"


class RefusedError(CoreError):
    """The provider does not take a request of this form, and would not take it a moment later."""

    code = "request_refused"


class FilteredError(CoreError):
    """The provider's content filter refused the question or the answer."""

    code = "content_filtered"


class ProviderError(CoreError):
    """Any other failure that the provider reported."""

    code = "provider_failed"
    retryable = True


class OverloadedError(ProviderError):
    """The provider has too much to do; ``retry_after`` in seconds, when that was said."""

    code = "overloaded"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(ZekeError):
    """State on disk could not be read or written."""

    code = "store_failed"


class ProcessError(ZekeError):
    """A program could not be started."""

    code = "process_failed"


class AgentError(ZekeError):
    """An agent, or a server of tools, failed, said something that makes no sense, or is gone."""

    code = "agent_failed"


class DamagedError(StoreError):
    """State on disk is not what was once written."""

    code = "store_damaged"


class BrokerError(ZekeError):
    """The broker itself: start-up, handshake, protocol."""

    code = "broker_failed"


def by_code(code: str, message: str) -> ZekeError:
    """Rebuild the error that ``code`` names, as received from another process.

    An unknown code gives a plain ``CoreError``: the sentence still reaches the person.
    """
    pending: list[type[ZekeError]] = [ZekeError]
    while pending:
        kind = pending.pop()
        if kind.code == code:
            return kind(message)
        pending.extend(kind.__subclasses__())
    return CoreError(message)
