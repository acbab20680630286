"""A run on disk: written beside and renamed whole, read back with its hashes verified."""
