"""The command line: what it takes, where it finds the project and the spec, and its completion."""
