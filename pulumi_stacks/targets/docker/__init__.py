"""One Docker engine."""
