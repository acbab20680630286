"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""
