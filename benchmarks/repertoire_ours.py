"""What thymos does in the contests of `repertoire.py`, on one thread."""

from __future__ import annotations

from typing import Any

import numpy as np


def model_of(locus: str, model: str) -> Any:
    """The same parameters as the peers have."""
    from thymos.biology.repertoire.vdj.installed import recombination

    return recombination(model, locus)


class Chains:
    """Productive chains as packed arrays: residues, length, V, J."""

    def __init__(self, locus: str, model: str, **given: Any) -> None:
        from thymos.biology.repertoire.vdj.drawn import Sampler

        self.sampler, self.seed = Sampler(model_of(locus, model)), 0

    def draw(self, n: int) -> Any:
        """Other chains at each call."""
        self.seed += 1
        return self.sampler.draw(n, self.seed)

    def run(self, n: int) -> dict[str, float]:
        """Mean and SD of their lengths."""
        length = self.draw(n).length
        return {"length": float(length.mean()), "length_sd": float(length.std())}


class ChainsAsText(Chains):
    """The same, each CDR3 a Python string, as the peers give it."""

    def run(self, n: int) -> dict[str, float]:
        """Mean and SD of their lengths."""
        sizes = np.array([len(cdr3) for cdr3 in self.draw(n).cdr3()])
        return {"length": float(sizes.mean()), "length_sd": float(sizes.std())}


class Probability:
    """The probability of amino-acid CDR3s over all genes, packed before."""

    def __init__(self, locus: str, model: str, sequences: list[str], **given: Any) -> None:
        from thymos.biology.repertoire.receptors import packed
        from thymos.biology.repertoire.vdj.pgen import Pgen

        self.pgen = Pgen(model_of(locus, model))
        genes = np.zeros(len(sequences), dtype=np.int16)
        self.chains = packed(sequences, genes, genes)

    def run(self, n: int) -> dict[str, float]:
        """Mean of log10 of the first n."""
        values = self.pgen.of(self.chains.take(slice(0, n)))
        return {"log10": float(np.log10(values[values > 0]).mean())}
