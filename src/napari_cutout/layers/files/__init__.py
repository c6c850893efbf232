"""Files of annotations in napari's Open and Save: what its manifest names, and nothing else."""
