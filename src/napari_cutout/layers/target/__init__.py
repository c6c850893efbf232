"""The labels layer that objects are written into: its pixels, ids, features and colours."""
