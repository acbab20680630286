"""Measurements: one module a comparison, each run by `python -m bench NAME`; `python -m bench` runs all and writes the page."""
