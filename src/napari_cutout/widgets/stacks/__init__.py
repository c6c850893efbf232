"""The dock widget "Stacks and videos" and its parts."""
