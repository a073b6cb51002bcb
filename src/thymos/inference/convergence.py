r"""Have chains met, and how many independent draws are they worth?

Split $\hat R$ on ranks, and bulk effective sample size with Geyer's initial monotone sequence, after Vehtari et al.
2021 (Bayesian Analysis 16:667). Walkers of an ensemble move by each other's help, so they are no independent
chains: give groups that never exchange.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _split(chains: Floats) -> Floats:
    """Each chain (chain, draw) as two."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _ranked(chains: Floats) -> Floats:
    """Normal scores of the ranks over all chains."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(chains, method="average").reshape(chains.shape)
    return np.asarray(ndtri((ranks - 0.375) / (chains.size + 0.25)))


def _rhat(chains: Floats) -> float:
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = n * chains.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((n - 1) / n * within + between / n) / within))


def rhat(chains: Floats) -> float:
    """Larger of bulk and tail (folded) split R-hat of one quantity (chain, draw); 1 where the chains agree."""
    split = _split(chains)
    return max(_rhat(_ranked(split)), _rhat(_ranked(np.abs(split - np.median(split)))))


def effective(chains: Floats) -> float:
    """Bulk effective sample size of one quantity (chain, draw)."""
    x = _ranked(_split(chains))
    m, n = x.shape
    rho = _autocovariance(x)
    within = rho[:, 0].mean() * n / (n - 1)
    total = within * (n - 1) / n + (x.mean(axis=1).var(ddof=1) if m > 1 else 0.0)
    correlation = 1 - (within - rho.mean(axis=0) * n / (n - 1)) / total
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    first_negative = int(np.argmax(pairs < 0)) if (pairs < 0).any() else len(pairs)
    monotone = np.minimum.accumulate(pairs[:first_negative])
    time = max(2 * float(monotone.sum()) - 1, 1 / np.log10(m * n))
    return float(m * n / time)


def _autocovariance(x: Floats) -> Floats:
    """Of each chain (chain, lag)."""
    n = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    return np.asarray(np.fft.irfft(power, axis=1)[:, :n] / n)
