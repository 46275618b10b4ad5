"""Subnets, and the configuration of the gateway. Pure."""
