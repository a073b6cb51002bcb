"""The same arithmetic as C, for a GPU: each thread carries one patient with its own time, step and stops."""
