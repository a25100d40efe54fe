"""Who may ask the core, and with which request."""
