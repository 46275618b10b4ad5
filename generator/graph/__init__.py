"""A system as a graph: text, Mermaid, SVG, HTML page."""
