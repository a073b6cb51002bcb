"""Other programs for repertoires, each as one class that a worker starts: what it is asked to do, and how to ask.

A class is made with what the contest gives, and `run(n)` does n of what is counted and returns a summary, so that
nobody is fast by doing something else. Nothing of thymos is imported here: these classes run in an environment of
their own, see `repertoire_peers.txt`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def lengths(found: list[str]) -> dict[str, float]:
    """Mean and SD of the number of residues."""
    sizes = np.array([len(cdr3) for cdr3 in found])
    return {"length": float(sizes.mean()), "length_sd": float(sizes.std())}


def logarithms(found: list[float]) -> dict[str, float]:
    """Mean of log10, of what is above zero."""
    values = np.array(found)
    return {"log10": float(np.log10(values[values > 0]).mean())}


class Olga:
    """OLGA's own model and generator, loaded as its pages say."""

    def __init__(self, locus: str, **given: Any) -> None:
        from pathlib import Path

        import olga
        import olga.load_model as load

        name = {"TRB": "human_T_beta", "TRA": "human_T_alpha"}[locus]
        self.folder = Path(olga.__file__).parent / "default_models" / name
        kind = "VDJ" if locus == "TRB" else "VJ"
        self.kind = kind
        self.genomic = getattr(load, f"GenomicData{kind}")()
        self.genomic.load_igor_genomic_data(
            str(self.folder / "model_params.txt"),
            str(self.folder / "V_gene_CDR3_anchors.csv"),
            str(self.folder / "J_gene_CDR3_anchors.csv"),
        )
        self.model = getattr(load, f"GenerativeModel{kind}")()
        self.model.load_and_process_igor_model(str(self.folder / "model_marginals.txt"))


class OlgaChains(Olga):
    """One productive chain a call."""

    def __init__(self, **given: Any) -> None:
        import olga.sequence_generation as generation

        super().__init__(**given)
        self.generator = getattr(generation, f"SequenceGeneration{self.kind}")(self.model, self.genomic)

    def run(self, n: int) -> dict[str, float]:
        """Amino acids of n productive CDR3s."""
        return lengths([self.generator.gen_rnd_prod_CDR3()[1] for _ in range(n)])


class OlhaChains(Olga):
    """Compiled, fed with the objects of OLGA."""

    def __init__(self, **given: Any) -> None:
        from olha import SequenceGeneration

        super().__init__(**given)
        self.generator = SequenceGeneration(self.genomic, self.model)

    def run(self, n: int) -> dict[str, float]:
        """Amino acids of n productive CDR3s."""
        return lengths([self.generator.gen_rnd_prod_CDR3()[1] for _ in range(n)])


class RighorChains:
    """Compiled, one productive chain a call."""

    def __init__(self, locus: str, **given: Any) -> None:
        import righor

        self.generator = righor.load_model("human", locus.lower()).generator(seed=1)

    def run(self, n: int) -> dict[str, float]:
        """Amino acids of n productive CDR3s."""
        make = self.generator.generate_without_errors
        return lengths([make(functional=True).junction_aa for _ in range(n)])


class OlgaPgen(Olga):
    """The probability of one amino-acid CDR3 a call, over all genes."""

    def __init__(self, sequences: list[str], **given: Any) -> None:
        import olga.generation_probability as probability

        super().__init__(**given)
        self.sequences = sequences
        made = getattr(probability, f"GenerationProbability{self.kind}")(self.model, self.genomic)
        self.pgen = made.compute_aa_CDR3_pgen

    def run(self, n: int) -> dict[str, float]:
        """Of the first n sequences."""
        return logarithms([self.pgen(cdr3) for cdr3 in self.sequences[:n]])


class OlgaFastPgen(Olga):
    """The same by OLGA's numba module."""

    def __init__(self, sequences: list[str], **given: Any) -> None:
        import olga.generation_probability as probability
        from olga.performance.fast_pgen import FastPgen

        super().__init__(**given)
        self.sequences = sequences
        self.pgen = FastPgen(
            getattr(probability, f"GenerationProbability{self.kind}")(self.model, self.genomic)
        )

    def run(self, n: int) -> dict[str, float]:
        """Of the first n sequences."""
        return logarithms([self.pgen.compute_aa_CDR3_pgen(cdr3) for cdr3 in self.sequences[:n]])
