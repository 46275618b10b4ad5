"""What is installed, and what is missing."""
