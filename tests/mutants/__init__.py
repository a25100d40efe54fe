"""``make mutants``: which small changes of the policy no test would notice; not a test itself."""
