"""The end of the culture: what reaches the bag."""

from __future__ import annotations

from thymos.lang import Model, parameter


class Harvest(Model):
    """Cells are washed and concentrated, some are lost; CD5+ ones among them seed a thymus better.

    The loss is the same for every kind of cell. References: `glycostem2025`, `awong2009`.
    """

    recovery = parameter("", "share of cells left after harvest and concentration")
    cd5_advantage = parameter("", "thymus reconstitution by a CD5+ cell over that by a CD5- cell")
