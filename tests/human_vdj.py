"""The human models of V(D)J recombination, where somebody has installed a package that brings them."""

import pytest

from thymos.biology.repertoire.vdj.installed import recombination
from thymos.lang.errors import DataError


def human(locus):
    """The law of TRA or TRB, or a skipped test."""
    for package in ("righor", "olga"):
        try:
            return recombination(package, locus)
        except DataError:
            continue
    pytest.skip("no human V(D)J model here: install `righor` or `olga`, which bring them")
