"""Cultures as experiments: what is not known of them, what they would give, and what they cost."""
