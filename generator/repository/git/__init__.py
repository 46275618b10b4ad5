"""Git: queries, the first commit of a new repository, patches."""
