"""How we know: the sources, the values with their papers, the published data, and the check of all three."""
