"""Freight: prepare a region's markets and solve them."""
