"""What a run leaves on disk: labels as OME-Zarr, and a record of each frame beside them."""
