"""What the translators share: OpenAI's bodies read with care, and OpenAI's answers written."""
