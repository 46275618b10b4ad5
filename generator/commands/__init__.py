"""The commands, one module each: `run` takes the parsed arguments and returns a CommandResult.

They print nothing and import lazily; `main` finds them by name.
"""
