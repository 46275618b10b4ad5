"""The objects of a cluster, as plain values."""
