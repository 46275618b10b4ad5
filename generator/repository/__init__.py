"""A repository over time: creating it, its baseline, planning and writing its changes."""
