"""Addresses and routing, as text and numbers."""
