"""Vector copies per cell, by droplet digital PCR against a reference gene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thymos.assay.assay import Assay, Floats, Reported, censored
from thymos.assay.counting import amplified_count, uniforms
from thymos.lang import parameter


@dataclass(frozen=True)
class Vcn(Assay):
    r"""Copies in the DNA of some thousand cells: they are counted, and extraction adds its error.

    $$ reported = e^{\sigma z} k / n, \qquad k \sim Poisson(V\, n) $$

    It counts integrated and non-integrated copies alike, so that early samples read too high, and says nothing
    of how the copies are spread over cells.
    """

    analytic_cv = parameter("", "coefficient of variation of extraction and of the reference gene")
    genomes = parameter("cell", "cells whose DNA is in the droplets")
    limit = parameter("copy/cell", "lowest copy number that is reported as a number")

    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """Copies [copy/cell] of any shape."""
        copies, v = np.asarray(true, dtype=np.float64), self.values
        u = uniforms(rng, copies.shape)
        return censored(amplified_count(u, copies, v["genomes"], v["analytic_cv"]), v["limit"])

    def at_most(self, reported: ArrayLike, confidence: float = 0.95) -> Floats:
        """Upper limit of the copy number behind a reported one, one-sided [copy/cell].

        The error of extraction and the counting error of Garwood's exact limit are added in squares of their
        logarithms; a report at the limit of the assay is read as that many copies. Reference: `garwood1936`.
        """
        from scipy.special import gammaincinv, ndtri

        v = self.values
        counted = np.maximum(np.asarray(reported, dtype=np.float64), v["limit"]) * v["genomes"]
        counting = np.log(gammaincinv(counted + 1, confidence) / counted)
        extraction = ndtri(confidence) * np.sqrt(np.log1p(v["analytic_cv"] ** 2))
        return np.asarray(counted * np.exp(np.hypot(counting, extraction)) / v["genomes"])
