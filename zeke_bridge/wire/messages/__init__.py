"""Anthropic's Messages API as a server speaks it, in front of OpenAI's chat completions.

https://platform.claude.com/docs/en/api/messages. Pure: a request becomes that of a chat, an answer
a message, chunks become events. ``core.providers.anthropic`` goes the other way. Knows nothing of
HTTP.
"""
