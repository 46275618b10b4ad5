"""Checks of the required tools."""
