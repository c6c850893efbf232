"""Everything in a frame, without prompts: by a grid of points, in one pass, or from seeds."""
