"""Running programs: which file a name means, what the child gets, and how it ends."""
