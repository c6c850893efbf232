"""What of an image is looked at: which frame, channels and window, in whose coordinates."""
