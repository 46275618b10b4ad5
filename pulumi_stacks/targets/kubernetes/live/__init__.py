"""Reads the cluster before and after a deployment: ownership, permissions, drift, history, readiness."""
