"""Prompt logs and what is kept beside them: what a person did, written as it happens."""
