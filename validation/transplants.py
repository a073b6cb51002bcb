"""How a transplant of a paper is said in the fields of a study."""

from __future__ import annotations

CNI = {"from_day": "-1 day", "to_day": "180 day"}
"""Ciclosporin or tacrolimus for half a year; assumed where the paper does not say how long."""


def t_cells(median, cv=0.6):
    """Mature T cells of a graft [cell/kg], a factor of 20 to either side at most."""
    ends = {"low": f"{median / 20:g} cell/kg", "high": f"{median * 20:g} cell/kg"}
    return {"kind": "lognormal", "median": f"{median:g} cell/kg", "cv": cv} | ends


def rabbit_atg(first, last, total=10.0):
    """Rabbit ATG from a day to a day; the total [mg/kg] is assumed where the paper does not say it."""
    given = {"kind": "fixed", "value": f"{total:g} mg/kg"}
    return {"dose": given, "first_day": f"{first} day", "last_day": f"{last} day"}


def skewed_ages(median, low, high, cv=0.9):
    """Ages [year] with a median and range, as series of children have them."""
    ends = {"low": f"{low:g} year", "high": f"{high:g} year"}
    return {"kind": "lognormal", "median": f"{median:g} year", "cv": cv} | ends


def adult_ages(mean, sd, low, high):
    """Ages [year] around a mean."""
    ends = {"low": f"{low:g} year", "high": f"{high:g} year"}
    return {"kind": "normal", "mean": f"{mean:g} year", "sd": f"{sd:g} year"} | ends


def ages_between(low, high):
    """Ages [year] evenly from one to another."""
    return {"kind": "uniform", "low": f"{low:.6g} year", "high": f"{high:.6g} year"}
