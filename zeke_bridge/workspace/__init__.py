"""Effects on the project: files, patches, what belongs to a project."""
