"""Tempering that is interrupted goes on to the same members."""

import numpy as np

from thymos.inference.tempered import Stage, renew


class Folder:
    """Stages in memory; gives up after some."""

    def __init__(self, most: int | None = None) -> None:
        self.kept: dict[int, Stage] = {}
        self.most = most

    def get(self, number: int) -> Stage | None:
        return self.kept.get(number)

    def put(self, number: int, stage: Stage) -> None:
        self.kept[number] = stage
        if self.most is not None and len(self.kept) >= self.most:
            raise KeyboardInterrupt


def narrow(z: np.ndarray) -> np.ndarray:
    return np.asarray(-0.5 * ((z[:, 0] - 2.0) / 0.05) ** 2)


def test_an_interrupted_run_ends_with_the_same_members() -> None:
    start = np.random.default_rng(1).standard_normal((400, 3))
    whole = renew(narrow, start, 7)
    assert len(whole.powers) > 2
    folder = Folder(most=2)
    try:
        renew(narrow, start, 7, keeper=folder)
    except KeyboardInterrupt:
        folder.most = None
    assert len(folder.kept) == 2
    again = renew(narrow, start, 7, keeper=folder)
    assert (again.members == whole.members).all()
    assert again.powers == whole.powers
