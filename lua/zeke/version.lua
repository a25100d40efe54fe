-- What this front says in `hello`; the same as `zeke_bridge.__version__` (a test compares them).
return "0.1.0"
