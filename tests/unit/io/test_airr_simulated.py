"""Simulated samples as AIRR files, judged by the standard's own library."""

import gzip

import airr
import numpy as np
import pytest

from thymos.io.airr_repertoire import read_airr
from thymos.io.airr_schema import faults, objects
from thymos.io.airr_simulated import blank, write_simulated
from thymos.io.clonotypes import Clonotypes


@pytest.fixture
def folder(tmp_path):
    of = {"v_call": ["TRBV101-1*01"], "j_call": ["TRBJ101-1*01"], "count": np.array([3])}
    samples = [
        Clonotypes.of(f"day{day}", junction_aa=["CAF"], junction=["TGTGCATTT"], **of) for day in (60, 100)
    ]
    write_simulated(tmp_path / "samples", "child", samples, "invented")
    return tmp_path / "samples"


def test_the_standards_library_takes_what_is_written(folder):
    # The library writes warnings to standard error and returns its verdict.
    assert airr.validate_airr(airr.read_airr(str(folder / "repertoires.yaml")))
    for day in (60, 100):
        plain = folder / f"day{day}.tsv"
        plain.write_bytes(gzip.decompress((folder / f"day{day}.tsv.gz").read_bytes()))
        assert airr.validate_rearrangement(str(plain))


def test_the_metadata_say_that_it_is_simulated_and_when(folder):
    first, second = read_airr(folder / "repertoires.yaml")["Repertoire"]
    assert first["repertoire_type"] == "simulated"
    assert first["subject"]["synthetic"] is True
    days = [one["sample"][0]["collection_time_point_relative"]["time_value"] for one in (first, second)]
    assert days == [60.0, 100.0]
    assert second["data_processing"][0]["data_processing_files"] == ["day100.tsv.gz"]


@pytest.mark.parametrize("kind", ["Study", "Subject", "SampleProcessing", "DataProcessing"])
def test_a_blank_object_has_no_fault(kind):
    assert kind in objects()
    assert not list(faults(blank(kind), kind, kind))
