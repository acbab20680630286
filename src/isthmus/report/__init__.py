"""The page of a run: reads a run's folder and nothing else."""
