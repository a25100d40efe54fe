"""Which model answers, and why: values in, values out."""
