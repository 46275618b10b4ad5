"""The commands, one module each: `run` takes what was parsed from the command line and returns an Outcome.

They print nothing and import what they need when they are called; `main` finds them by their name.
"""
