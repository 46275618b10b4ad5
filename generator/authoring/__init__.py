"""Flags and answers become a cn.yaml."""
