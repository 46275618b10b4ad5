"""The command line: parsers, checks, the project's folder, the spec, and completion."""
