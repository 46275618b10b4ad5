"""The target `docker`: one Docker engine."""
