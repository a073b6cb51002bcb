"""Bring in, carry out: study files, run folders, and the documented form of a result."""
