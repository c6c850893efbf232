"""The dock widget "Learn": it shows what is learned, how it goes, and what came of it."""
