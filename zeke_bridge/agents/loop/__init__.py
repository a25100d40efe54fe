"""The built-in assistant: a model with tools, each of which goes through ``Effects``."""
