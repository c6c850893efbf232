"""Encoding and predicting for a session, through whatever runner it was given."""
