"""HTTP client of a routing core, embedded or remote."""
