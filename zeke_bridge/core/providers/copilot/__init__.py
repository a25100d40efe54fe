"""GitHub Copilot, experimental: GitHub documents none of this, and may change it any day.

A person logs in once (``login``); what that gives is exchanged for a token of half an hour
(``token``), which opens an API of OpenAI's dialect (``provider``). The shapes are those that public
editor plugins use.
"""
