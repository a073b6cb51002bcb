"""What runs use up and cost, and which days and protocols a design allows, against arithmetic by hand."""

import numpy as np
import pytest

from thymos.io.culture_table import CultureTable, Reading
from thymos.io.design_file import parse_design
from thymos.lang.errors import DataError
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.design.cost import Costs
from thymos.therapy.design.experiment import Experiment
from thymos.therapy.design.outcomes import natural_scale, normal_scale, outcomes
from thymos.therapy.design.seen import seen_runs

DESIGN = """
format: 1
name: a-design
title: A design
source: cord-blood
aim: {kind: yield, purity: {at_least: 60 percent}}
factors:
  dl4: {low: 0.5 ug/mL, high: 20 ug/mL, scale: log}
  tnf: {levels: "0, 10, 100 ng/mL"}
  days: {low: 5.5 day, high: 9 day}
protocol: {scf: 50 ng/mL, feed_days: 4 day}
constraints:
  - {sum: [scf, tnf], at_most: 100 ng/mL, at_least: 55 ng/mL}
cost: {run: 5.0, day: 2.0, volume: 3 mL, coating_volume: 1 mL, per_ug: {dl4: 0.5, scf: 10.0}}
budget: 100.0
"""


@pytest.fixture(scope="module")
def experiment():
    return Experiment(parse_design(DESIGN, "x.yaml"))


def test_feeds_count_where_the_run_lasts_so_long():
    costs = Costs(run=5.0, day=2.0, volume=3.0, coating_volume=1.0, prices={"dl4": 0.5, "scf": 10.0})
    protocol = CultureProtocol(dl4=4.0, scf=50.0, feed_days=(4.0, 6.0), feed_share=0.5, days=8.0)
    # One feed by day 5: 3 mL and 1.5 mL at 50 ng/mL are 0.225 ug of SCF.
    assert costs.reagents(protocol, 5.0)["scf"] == pytest.approx(0.225)
    assert costs.of(protocol, 5.0) == pytest.approx(5 + 2 * 5 + 0.5 * 4 + 10 * 0.225)
    assert costs.of(protocol, 7.0) == pytest.approx(5 + 2 * 7 + 0.5 * 4 + 10 * 0.3)


def test_days_between_two_ends_are_the_whole_ones(experiment):
    assert experiment.days.tolist() == [6.0, 7.0, 8.0, 9.0]
    assert experiment.base.days == 9.0


def test_the_constraint_counts_what_is_held(experiment):
    x = np.array([[1.0, 0.0], [1.0, 10.0], [1.0, 100.0]])  # 50 ng/mL of SCF beside them
    assert experiment.names == ("dl4", "tnf")
    assert experiment.allowed(x).tolist() == [False, True, False]


def test_prices_are_those_of_each_protocol_on_each_day(experiment):
    x = np.array([[2.0, 10.0], [8.0, 10.0]])
    by_hand = [[5 + 2 * day + 0.5 * dl4 + 10 * 0.225 for day in (6, 7, 8, 9)] for dl4 in (2, 8)]
    assert experiment.prices(experiment.protocols(x)) == pytest.approx(np.array(by_hand))


@pytest.mark.parametrize(("unit", "value"), [("percent", 80.0), ("", 12.5), ("cell", 3e6)])
def test_scales_are_the_log_odds_and_the_logarithm(unit, value):
    there = float(normal_scale(unit, np.array(value)))
    assert there == pytest.approx(np.log(4) if unit == "percent" else np.log(value))
    assert float(natural_scale(unit, np.array(there))) == pytest.approx(value)


def test_a_lot_is_that_of_the_culture_command(experiment):
    from thymos.therapy.culture import typical_lots

    protocol = experiment.protocol({"dl4": 3.0, "tnf": 10.0})
    found = outcomes("cord-blood", {}, [protocol], np.array([6.0, 9.0]), experiment.readouts)
    lots = typical_lots(protocol, "cord-blood", {})
    for k, name in enumerate(experiment.readouts):
        there = normal_scale(experiment.units[name], lots.readouts[name][0, [6, 9]])
        assert found[k, 0, 0] == pytest.approx(there, abs=2e-3)  # the tolerance of a search's integration


def test_members_and_protocols_keep_their_places(experiment):
    """Many members and protocols together say what each says alone."""
    members = {"notch.steepness": np.array([1.5, 3.0]), "progenitors.growth": np.array([0.5, 0.6])}
    protocols = [experiment.protocol({"dl4": d}) for d in (1.0, 5.0, 15.0)]
    days = np.array([6.0, 9.0])
    both = outcomes("cord-blood", members, protocols, days, experiment.readouts)
    for s in range(2):
        for j, protocol in enumerate(protocols):
            one = {name: x[s : s + 1] for name, x in members.items()}
            alone = outcomes("cord-blood", one, [protocol], days, experiment.readouts)
            assert np.array_equal(both[:, s, j], alone[:, 0, 0])


def reading(readout="cd7_per_cd34", value=10.0, unit="", **given):
    words = {name: given.pop(name) for name in ("plate", "well", "graft", "exclude") if name in given}
    return Reading(2, given.pop("donor", "A"), readout, value, unit, given, **words)


def test_readings_of_one_vessel_and_day_are_one_run(experiment):
    table = CultureTable(
        "t.csv",
        (
            reading(day=7.0, dl4=2.0, well="1"),
            reading("cd7_percent", 80.0, "percent", day=7.0, dl4=2.0, well="1"),
            reading(day=9.0, dl4=2.0, well="1"),
            reading("fold", 20.0, day=9.0, dl4=2.0, well="1"),
            reading(day=7.0, dl4=2.0, well="2", exclude="spilt"),
        ),
    )
    seen = seen_runs(experiment, [table])
    assert [(r.day, r.protocol.dl4, r.protocol.scf) for r in seen.runs] == [
        (7.0, 2.0, 50.0),
        (9.0, 2.0, 50.0),
    ]
    assert seen.runs[0].value == pytest.approx([np.log(10.0), np.log(4.0)])
    assert np.isnan(seen.runs[1].value[1])
    assert seen.unused == 1
    # One vessel, kept to day 9.
    assert seen.spent(experiment) == pytest.approx(5 + 2 * 9 + 0.5 * 2 + 10 * 0.225)


def test_a_reading_without_its_day_is_refused_where_the_day_is_a_factor(experiment):
    with pytest.raises(DataError, match=r"t.csv, row 2, column day: expected the day of the reading"):
        seen_runs(experiment, [CultureTable("t.csv", (reading(dl4=2.0),))])
