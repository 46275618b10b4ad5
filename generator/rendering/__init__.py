"""A template and a context become a tree of files in memory."""
