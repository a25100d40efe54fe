"""The routing core alone, beside direct calls and a LiteLLM proxy, in one run."""
