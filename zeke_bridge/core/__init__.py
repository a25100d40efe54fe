"""The routing core (GhostLLM): an OpenAI-compatible server that picks a model."""
