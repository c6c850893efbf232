"""Objects over frames, judged: how well they are linked and carried on."""
