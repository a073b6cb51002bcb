"""T-cell receptors: recombination, thymic selection, clones in time, diversity, and what they recognise.

Nothing here is solved by the engine: laws are closed forms, and what has to be drawn or counted sequence by sequence
is compiled by numba.
"""

from thymos.lang.model import Model

MODELS: tuple[type[Model], ...] = ()
