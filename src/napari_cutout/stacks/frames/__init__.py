"""Frames of arrays, files, folders and videos, one at a time. Nothing is done with them here."""
