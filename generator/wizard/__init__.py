"""The wizard: asks for a system until it can be written. The only package that prompts."""
