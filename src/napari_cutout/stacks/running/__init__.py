"""Finding everything in frame after frame: one, many, or a whole stack into an output."""
