"""Edits of a region's tables, and named lists of them."""
