"""From data to numbers: fits, blind to what the numbers mean."""
