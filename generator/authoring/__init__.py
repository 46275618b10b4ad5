"""Flags and wizard answers to a cn.yaml."""
