"""The configuration schema, and reading it from files."""
