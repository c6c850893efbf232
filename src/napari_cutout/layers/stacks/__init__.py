"""Stacks in a session: all frames found, linked, carried and encoded. Layers are here, Qt isn't."""
