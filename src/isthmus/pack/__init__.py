"""The tables of a region."""
