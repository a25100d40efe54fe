"""Python runs this as it starts, where this directory is on ``PYTHONPATH``; see ``zeke_denied``."""

import os

if os.environ.get("ZEKE_DENIED_LOG"):
    from zeke_denied import watch

    watch()
