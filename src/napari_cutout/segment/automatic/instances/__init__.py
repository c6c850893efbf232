"""All objects from maps of the whole frame, in one pass."""
