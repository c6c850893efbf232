"""The dock widget "Everything" and its parts."""
