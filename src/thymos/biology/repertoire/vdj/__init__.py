"""V(D)J recombination: the law of a receptor before selection, sequences drawn from it, and their probability."""
