"""The editor's edge: msgpack-rpc over a unix socket."""
