"""A grid of points: SAM's automatic mask generation."""
