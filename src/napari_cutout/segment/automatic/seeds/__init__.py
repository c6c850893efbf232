"""One model finds where objects are, another cuts them out."""
