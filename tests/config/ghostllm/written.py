"""Configurations as people write them, in each format."""

from __future__ import annotations

TOML = {
    "config.toml": """
        [routing]
        priority = ["ollama", "openai", "anthropic", "github"]
        [models]
        openai_preferred = "gpt-4"
        ollama_preferred = "llama3:8b"
        grok_preferred = "grok-4"
        [models."grok:grok-4"]
        temperature = 0.2
        input_cost_per_token = 0.000003
        """,
    "routing.toml": """
        [routing]
        code_completion = "ollama:deepseek-coder"
        reasoning = ["claude:claude-3-sonnet", "openai/gpt-4", "thinker"]
        quick_tasks = "openai:gpt-3.5-turbo"
        fallback = ["ollama:llama3", "mix", "local"]
        [aliases]
        thinker = "best"
        best = "anthropic:claude-opus-5"
        [groups.mix]
        "thinker" = 1
        "openai:gpt-4" = 0.5
        [costs]
        daily_limit_usd = 10.00
        warn_threshold_usd = 8.00
        """,
    "ghostllm.toml": """
        [caching]
        enabled = true
        ttl_seconds = 3600
        max_size_mb = 100
        [caching.rules]
        code_explanation = 7200
        simple_questions = 1800
        [providers.openai]
        endpoints = [
          "https://api.openai.com/v1",
          "https://oai.hconeai.com/v1"  # Backup endpoint
        ]
        """,
}

PROXY = """
llmproxy:
  listen_addr: ":8080"
  log_level: "info"
  providers:
    anthropic:
      api_key: "${ANTHROPIC_API_KEY}"
      models:
        - name: "claude-sonnet-4"
          alias: "default"
    openai:
      api_key: "${OPENAI_API_KEY}"
      base_url: "https://api.openai.com/v1"
    glm:
      api_key: "${GLM_API_KEY}"
    groq:
      api_key: "${GROQ_API_KEY}"
    grok:
      api_key: "${GROK_API_KEY}"
  rate_limits:
    requests_per_minute: 100
    tokens_per_minute: 100000
  cost_budget:
    hourly_limit: 10.0
    daily_limit: 100.0
"""

MODELS = """
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
      max_tokens: 128000
      temperature: 0.7
      input_cost_per_token: 0.0000025
      output_cost_per_token: 0.00001

  - model_name: claude-3.5-sonnet
    litellm_params:
      model: anthropic/claude-3-5-sonnet-20241022
      api_key: os.environ/ANTHROPIC_API_KEY
      max_tokens: 4096
      temperature: 0.7
"""

STACK = """
model_groups:
  - group_name: production-chat
    models:
      - model_name: gpt-4o
        weight: 0.4
      - model_name: claude-3.5-sonnet
        weight: 0.4
      - model_name: gpt-4o-mini
        weight: 0.2
budgets:
  max_budget: 1000.0  # USD per month
  budget_duration: "30d"
  soft_budget_limit: 800.0
rate_limit:
  rpm: 10000  # requests per minute
  tpm: 2000000  # tokens per minute
  max_parallel_requests: 100
logs:
  level: "DEBUG"
  log_raw_request_response: true
"""
