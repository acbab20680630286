"""The page of a run: reads a run's folder and nothing else."""

from isthmus.report.building import NAME, page_of, write_report

__all__ = ["NAME", "page_of", "write_report"]
