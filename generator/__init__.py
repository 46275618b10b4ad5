"""The generator: a spec to a tree of files, to changes, to disk; and its commands."""

__version__ = "0.1.0"
