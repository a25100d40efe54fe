"""What stops a question: too many at once, too many a minute, too dear."""
