"""What is on a cluster before a deployment begins: whose it is, and what was changed by hand."""
