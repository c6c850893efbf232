"""Objects of images in the files of other programs."""
