"""Frames of any size: window by window, and objects across the seams joined."""
