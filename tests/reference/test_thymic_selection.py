"""Selection by strings: closed forms, published effects, and counts by another way.

Effects of negative selection by tables of residues: Kosmrlj 2008 and 2009; random energies and neo-antigens: George
2017. Chances come from drawn receptors, so each tolerance is a multiple of a standard error, or the width of the
published statement.
"""

import math
from itertools import combinations, product

import numpy as np
import pytest

from thymos.biology.repertoire.selection import contact_energy as of
from thymos.biology.repertoire.selection import peptides as p
from thymos.biology.repertoire.selection.affinity import bonds
from thymos.biology.repertoire.selection.annealed import annealed, outcomes
from thymos.biology.repertoire.selection.calibrated import calibrated
from thymos.biology.repertoire.selection.contacts import contacts_of, random_receptors
from thymos.biology.repertoire.selection.cross_reactivity import degeneracy, important_contacts
from thymos.biology.repertoire.selection.host import Outcome, Recognition, drawn_host
from thymos.biology.repertoire.selection.marginals import divergence
from thymos.biology.repertoire.selection.thresholds import Thresholds, around
from thymos.biology.repertoire.selection.tolerance import holes, neoantigens, tolerance
from thymos.evidence.datasets.contact_energies import contact_energies
from thymos.evidence.datasets.residue_frequencies import residue_frequencies
from thymos.lang.streams import stream

NEGATIVE, WINDOW = -21.0, 2.5
SETS = 6


@pytest.fixture(scope="module")
def receptors():
    return random_receptors(10_000, stream(1, "tests.receptors"))


@pytest.fixture(scope="module")
def foreign():
    return p.random_peptides(5000, stream(1, "tests.foreign"))


@pytest.fixture(scope="module")
def exact():
    limits = around(NEGATIVE, WINDOW)
    return annealed(of.miyazawa_jernigan(), (limits.negative, limits.positive))


def host_of(peptides, i, window=None, energies=None):
    return drawn_host(1, i, energies or of.miyazawa_jernigan(), around(NEGATIVE, window), peptides, 1.0)


# ---- exact selection by random peptides


def test_the_exact_law_is_that_of_all_peptides(exact):
    # Every peptide of three contacts, with its probability: 8,000 terms.
    small = annealed(of.miyazawa_jernigan(3), (-1200, -900))
    every = np.array(list(product(range(20), repeat=3)), dtype=np.uint8)
    weight = residue_frequencies()[every].prod(axis=1)
    receptors = p.random_peptides(40, stream(2, "tests.receptors"), 3)
    energy = bonds(receptors, every, of.miyazawa_jernigan(3))
    truth = np.array([(energy <= limit) @ weight for limit in (-1200, -900)])
    assert small.of(receptors) == pytest.approx(truth, rel=1e-12, abs=1e-15)
    assert len(small.multisets) == math.comb(22, 3)
    assert len(exact.multisets) == 42_504
    assert small.shares.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("peptides", [1000, 10_000])
def test_exact_selection_is_the_mean_over_self_sets(exact, receptors, peptides):
    found = np.array([shares(host_of(peptides, i, WINDOW), receptors) for i in range(SETS)])
    truth = outcomes(exact, around(NEGATIVE, WINDOW), peptides)
    # Three standard deviations of one self set, as the acceptance has it; six sets make their mean closer than that.
    for outcome in Outcome:
        column = found[:, outcome]
        assert abs(column.mean() - truth[outcome.name]) < 3 * column.std(ddof=1)


def shares(host, receptors):
    return np.bincount(host.select(receptors), minlength=3) / len(receptors)


# ---- what tables of residues predict


def test_survival_falls_with_the_peptides_met(exact):
    # The exact law; published shares of survivors for one self set: 0.999, 0.514, 0.455, 0.307, 0.133.
    survive = [1 - outcomes(exact, around(NEGATIVE, None), m)["deleted"] for m in (1, 10, 100, 1000, 10_000)]
    assert survive == sorted(survive, reverse=True)
    assert survive[0] == pytest.approx(0.955, abs=0.001)  # 1 minus the chance of one strong bond
    assert 0.13 < survive[-1] < 0.2


def test_survivors_are_poor_in_strong_residues(receptors):
    mean_energy = contact_energies() / 100 @ residue_frequencies()
    cells = host_of(1000, 0).mature(receptors)
    share = np.bincount(cells.residues.ravel(), minlength=20) / cells.residues.size
    enrichment = share / residue_frequencies()
    assert np.corrcoef(enrichment, mean_energy)[0, 1] > 0.9
    order = "ACDEFGHIKLMNPQRSTVWY"
    assert enrichment[order.index("K")] > 1.3 > 0.5 > enrichment[order.index("L")]


def test_selection_against_many_peptides_makes_receptors_specific(receptors, foreign):
    def over_hosts(peptides, hosts):
        cells = [host_of(peptides, i).mature(receptors) for i in range(hosts)]
        contacts = [important_contacts(x, foreign, stream(1, "tests.bonds"), 500) for x in cells]
        return np.mean(contacts), np.mean([x.recognition(foreign).mean for x in cells])

    (few, often), (many, seldom) = over_hosts(1, 4), over_hosts(1000, 4)
    # Published: 3.57 and 4.99 of five contacts, chances 4.4e-2 and 1.8e-4, which one self set in three exceeds twofold.
    assert 3.3 < few < 3.9
    assert 4.85 < many <= 5
    assert 0.02 < often < 0.07
    assert seldom < 1e-3


def test_hosts_differ_by_their_self_sets(receptors):
    # Beyond the chance of drawing receptors, 0.5 % here, which all hosts share anyway.
    survive = [shares(host_of(1000, i), receptors)[Outcome.survives] for i in range(SETS)]
    assert np.std(survive, ddof=1) > 0.01
    outcomes_of_two = [host_of(1000, i).select(receptors) for i in range(2)]
    assert (outcomes_of_two[0] != outcomes_of_two[1]).mean() > 0.01


# ---- random energies of each receptor


@pytest.fixture(scope="module")
def random_host():
    """Ten contacts, 10,000 self peptides, 12,000 receptors, and the strongest bond of each with self."""
    many = random_receptors(12_000, stream(3, "tests.receptors"))
    host = drawn_host(3, 0, of.random_energies(3, 0, 10), around(-45, None), 10_000, 1.0, workers=2)
    return host, many, host.strongest_self(many)


def test_neoantigens_are_recognised_nearly_as_often_as_foreign_peptides(random_host):
    host, many, lowest = random_host
    cells = host.at(Thresholds(int(np.quantile(lowest, 1 - 0.37)))).mature(many)
    foreign = p.random_peptides(10_000, stream(3, "tests.foreign"), 10)
    found = tolerance(cells, foreign, neoantigens(cells, 10_000, stream(3, "tests.mutants")))
    assert 0.55 < found.ratio < 0.95  # "only slightly" impaired; the sketch of this model gave 0.65-0.73
    assert 2e-5 < found.foreign < 1e-4  # and 5.6e-5 here


def test_most_receptors_that_survive_and_recognise_are_made_near_a_share_of_one_in_e(random_host):
    host, many, lowest = random_host
    foreign = p.random_peptides(6000, stream(4, "tests.foreign"), 10)
    survive = np.array([0.05, 0.15, 0.3, 0.37, 0.5, 0.6, 0.8, 0.95])
    made = []
    for share in survive:
        cells = host.at(Thresholds(int(np.quantile(lowest, 1 - share)))).mature(many)
        made.append(share * cells.recognition(foreign).mean)
    assert 0.3 <= survive[int(np.argmax(made))] <= 0.6


def test_with_independent_peptides_the_optimum_is_exact():
    # S = (1-p)^N, so p S is largest where p = 1/(N+1), and S there is 1/e to first order.
    number = 10_000
    chance = np.geomspace(1e-6, 1e-2, 20_001)
    survive = np.exp(number * np.log1p(-chance))
    best = int(np.argmax(chance * survive))
    assert chance[best] == pytest.approx(1 / (number + 1), rel=1e-3)
    assert survive[best] == pytest.approx(math.exp(-1), rel=1e-3)


def test_the_mean_of_random_energies_is_that_of_contacts_in_proteins():
    # Both stated to three digits in the codebook, by which the two tables were taken.
    mean, sd = of.moments()
    assert (mean, sd) == (pytest.approx(-2.957, abs=5e-4), pytest.approx(1.517, abs=5e-4))
    drawn = of.random_energies(1, 0).tables(contacts_of(random_receptors(5000, stream(1, "t")))) / 100
    assert drawn.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(drawn.size))
    assert drawn.std() == pytest.approx(sd, rel=0.01)


def test_random_energies_are_independent_between_receptors_contacts_and_residues():
    one = np.zeros((1, 5), dtype=np.uint8)
    many = np.concatenate([one + (np.arange(5) == i).astype(np.uint8) for i in range(5)] + [one])
    tables = of.random_energies(1, 0).tables(many).reshape(6, -1).astype(float)
    correlation = np.corrcoef(tables)[np.triu_indices(6, 1)]
    assert np.abs(correlation).max() < 4 / math.sqrt(tables.shape[1])


def test_receptors_that_share_contacts_bind_alike_where_the_table_is_of_residues(receptors, foreign):
    host = drawn_host(1, 0, of.random_table(1, 0), around(-25.5, None), 2000, 1.0)
    cells = host.mature(receptors)
    near, far = (degeneracy(cells, foreign, d, stream(1, "tests.near")) for d in (1, 5))
    assert near.enrichment > 30 > 10 > far.enrichment


def test_a_receptor_and_itself_recognise_the_same(receptors, foreign):
    host = drawn_host(1, 0, of.random_table(1, 0), around(-25.5, None), 2000, 1.0)
    cells = host.mature(receptors)
    same = degeneracy(cells, foreign, 0, stream(1, "tests.same"))
    assert (same.pairs, same.together) == (len(cells), cells.recognised(foreign).by_receptor.sum())


# ---- thresholds, holes, bits


def test_a_calibrated_threshold_gives_what_was_asked(receptors, foreign):
    hosts = [drawn_host(1, i, of.random_energies(1, i), around(-20, 1.0), 2000, 0.8) for i in range(2)]
    target = 1e-4
    found = calibrated(hosts, receptors, foreign, target)
    assert found.positive - found.negative == 100
    alone = Thresholds(found.negative)
    seen = [host.at(alone).recognition(foreign, receptors).mean for host in hosts]
    below = [host.at(alone.moved(found.negative - 1)).recognition(foreign, receptors).mean for host in hosts]
    # The smallest step of the threshold that is not below the target; hosts weigh by their survivors, nearly the same.
    assert np.mean(below) < target * 1.01
    assert np.mean(seen) == pytest.approx(target, rel=0.02)


def test_holes_are_those_of_all_subsets():
    # Six clones, four peptides; every subset of the clones, counted.
    hits = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]])
    asked = Recognition(hits.sum(axis=0), len(hits))
    for size in range(1, 7):
        subsets = [hits[list(which)].sum(axis=0) == 0 for which in combinations(range(6), size)]
        assert holes(asked, size)[0] == pytest.approx(np.mean(subsets), abs=1e-12)
    assert math.isnan(holes(asked, 7)[0])


def test_divergence_in_bits():
    assert divergence(np.array([1.0, 0.0]), np.array([0.0, 5.0])) == pytest.approx(1)
    assert divergence(np.array([2.0, 2.0]), np.array([1.0, 1.0, 0.0])) == 0
    # H(3/8, 5/8) - (H(1/4) + H(1/2)) / 2, written out.
    entropy = [
        -sum(x * math.log2(x) for x in law) for law in ((3 / 8, 5 / 8), (1 / 4, 3 / 4), (1 / 2, 1 / 2))
    ]
    found = divergence(np.array([1.0, 3.0]), np.array([7.0, 7.0]))
    assert found == pytest.approx(entropy[0] - (entropy[1] + entropy[2]) / 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("peptides", "survive", "recognised"),
    [
        (1, 0.999, 4.4e-2),
        (10, 0.514, 1.4e-3),
        (100, 0.455, 8.3e-4),
        (1000, 0.307, 1.8e-4),
        (10_000, 0.133, 2.0e-6),
    ],
)
def test_figures_of_one_self_set_lie_among_those_of_others(peptides, survive, recognised):
    # Of one self set and 400,000 receptors, by another program; here 100 self sets, three standard deviations of one.
    many = random_receptors(10_000, stream(5, "tests.receptors"))
    foreign = p.random_peptides(5000, stream(5, "tests.foreign"))
    cells = [host_of(peptides, i).mature(many) for i in range(100)]
    alive = np.array([len(x) / len(many) for x in cells])
    # Where nothing was recognised, one bond.
    hits = [max(x.recognition(foreign).hits.sum(), 1) / (len(x) * len(foreign)) for x in cells]
    assert abs(survive - alive.mean()) < 3 * alive.std(ddof=1)
    assert abs(math.log(recognised) - np.log(hits).mean()) < 3 * np.log(hits).std(ddof=1)
