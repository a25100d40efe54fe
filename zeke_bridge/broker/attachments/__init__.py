"""What a person mentions in a chat (``@file``, ``@diff``, …), read with consent and put into words.

``part`` is what became of one mention, ``render`` its words (both pure), ``reading`` the texts of
files and buffers, ``diff`` what changed since the last commit. The package does not know models.
"""

from __future__ import annotations

from zeke_bridge.broker.attachments.part import Part
from zeke_bridge.broker.attachments.reading import Reading
from zeke_bridge.broker.attachments.render import rendered

__all__ = ["Part", "Reading", "rendered"]
