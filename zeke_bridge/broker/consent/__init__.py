"""From a wanted action to a permit: judging, asking, remembering, and showing what there is."""
