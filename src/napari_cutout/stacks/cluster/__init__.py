"""The same run on many processes or machines, with Dask distributed. Needs the extra `cluster`."""
