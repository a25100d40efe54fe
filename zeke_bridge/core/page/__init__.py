"""The page at ``/``: what a core did, to look at in a browser on the same machine."""
