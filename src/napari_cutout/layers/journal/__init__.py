"""The journal of a session: what is done is kept as it happens, and made again after a crash."""
