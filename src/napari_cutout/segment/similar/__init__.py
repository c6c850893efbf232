"""More objects of the kind that some examples are of."""
