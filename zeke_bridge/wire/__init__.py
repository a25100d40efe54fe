"""The shapes that cross a wire: HTTP bodies and server-sent events."""
