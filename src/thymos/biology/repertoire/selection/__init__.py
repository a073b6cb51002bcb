"""Thymic selection: factors learnt from data, and affinity for the peptides of one host."""
