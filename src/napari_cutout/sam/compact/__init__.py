"""The compact model: small enough for the package, quick enough for a laptop."""
