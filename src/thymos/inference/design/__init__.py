"""Experimental design: what to try next, told from arrays alone; blind to what the runs are."""
