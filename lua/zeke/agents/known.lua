---The agents that the broker knows by name, so that they are completed without asking it.
---Made by tools/help/write.lua: change zeke_bridge/agents/registry/data.
return {
  "zeke",
  "amp",
  "auggie",
  "claude-code-acp",
  "claude",
  "codex",
  "copilot",
  "cursor",
  "droid",
  "gemini",
  "goose",
  "kimi",
  "kiro",
  "opencode",
  "openhands",
  "qwen",
  "vibe",
}
