"""Two plans become what changes in the running system, as text, Markdown and JSON."""
