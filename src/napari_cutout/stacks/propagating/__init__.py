"""Objects carried from frame to frame. Which objects are the same without a model is linking's."""
