"""Google's Gemini API, spoken natively (https://ai.google.dev/api/generate-content)."""
