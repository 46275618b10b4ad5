"""A repository over time: its baseline, its changes, and what writes them."""
