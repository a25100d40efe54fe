"""The HTTP face of the core: one module an endpoint family, and the responses they share."""
