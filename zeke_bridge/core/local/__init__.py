"""The local model: getting it onto this disk, and running it in a child process."""
