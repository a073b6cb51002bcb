"""T-cell receptors: recombination, thymic selection, clones in time, diversity, and what they recognise.

Nothing here is solved by the engine: laws are closed forms, and what has to be drawn or counted sequence by sequence
is compiled by numba.
"""

from thymos.biology.repertoire.antigens.peptides import NaivePrecursors
from thymos.biology.repertoire.clones.clone_sizes import CloneSizes
from thymos.biology.repertoire.clones.lineage import ThymicLineage
from thymos.biology.repertoire.diversity.spectratype import VBetaReading
from thymos.biology.repertoire.selection.thresholds import ThymicSelection

MODELS = (ThymicLineage, CloneSizes, VBetaReading, NaivePrecursors, ThymicSelection)
