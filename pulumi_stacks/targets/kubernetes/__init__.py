"""The target `kubernetes`: one namespace of a cluster."""
