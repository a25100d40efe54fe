"""Anthropic's Messages API, spoken natively (https://platform.claude.com/docs/en/api/messages)."""
