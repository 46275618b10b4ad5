"""A system as a graph: text, Mermaid, SVG, a page."""
