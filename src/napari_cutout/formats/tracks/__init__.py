"""Tracks in and out, as the Cell Tracking Challenge has them."""
