"""Training: the recipe of the packaged model, seeded and resumable."""
