"""Posterior draws as a file, and as changes that simulated lots take."""

import numpy as np
import pytest

from thymos.lang.errors import DataError, StoreError
from thymos.therapy.culture import lot_models, typical_lots
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.draws import Draws, draws_of
from thymos.therapy.sampling import values_of

SCF = ("cytokines.scf_lack", "cytokines.scf_lack_cd5")
NAMES = (
    "progenitors.growth",
    *SCF,
    "progenitors.growth@A",
    "cytokines.scf_lack@A",
    "effect_sd",
    "noise_sd.fold",
)
X = np.random.default_rng(0).standard_normal((6, 7)) * 0.1 + np.log([0.45, 0.1, 0.3, 1, 1, 0.3, 0.1])


@pytest.fixture(scope="module")
def draws():
    return draws_of(X, NAMES, [(("progenitors.growth",), 0.1), (SCF, "effect_sd")])


def test_the_file_gives_back_what_was_written(draws, tmp_path):
    draws.write(tmp_path / "p.parquet", values_of(lot_models("cord-blood")))
    back = Draws.read(tmp_path / "p.parquet")
    for part in ("values", "factors", "between", "other"):
        mine, theirs = getattr(draws, part), getattr(back, part)
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[k], theirs[k]) for k in mine)
    assert back.moved == draws.moved


def test_a_donor_is_the_typical_one_by_their_factors(draws):
    typical, mine = draws.typical(), draws.of_donor("A")
    factor = np.exp(np.exp(X[:, 5]) * X[:, 4])
    assert mine[SCF[0]] == pytest.approx(typical[SCF[0]] * factor)
    assert mine[SCF[1]] == pytest.approx(np.exp(X[:, 2]) * factor)
    with pytest.raises(DataError, match="expected one of A, got B"):
        draws.of_donor("B")


def test_new_donors_spread_by_what_lies_between_donors(draws):
    new, typical = draws.new_donor(3, 6000), draws.typical(6000)
    spread = np.log(new["progenitors.growth"] / typical["progenitors.growth"]).std()
    assert spread == pytest.approx(0.1, rel=0.05)
    apart = np.log(new[SCF[0]] / typical[SCF[0]])
    assert apart == pytest.approx(np.log(new[SCF[1]] / typical[SCF[1]]))


def test_lots_take_the_draws(draws):
    lots = typical_lots(CultureProtocol(), "cord-blood", draws.new_donor(1, 12))
    assert lots.harvest["fold"].shape == (12,)
    assert not lots.status.any()


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(StoreError, match="expected a Parquet file of draws"):
        Draws.read(tmp_path / "x.parquet")
    with pytest.raises(StoreError, match="expected a file that can be read"):
        Draws.read(tmp_path / "none.parquet")
