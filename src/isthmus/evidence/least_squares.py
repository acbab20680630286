"""Bounded generalised least squares in logarithms of factors: from a prior and counts to a posterior.

A prior matrix corrected by counts: Cascetta (1984), generalised least squares; bounds on what is estimated: Bell (1991); errors that
are factors, hence logarithms, and the step from one linearisation to the next: Tarantola (2005, chapter 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]

_STEPS = 200
_TIGHT = 1e-10  # variance at which a bound is held


@dataclass(frozen=True)
class Prior:
    """Errors of the logarithms of (M) amounts before anything is counted, 0 on average.

    Attributes:
        sd: (M) standard deviation.
        flow: (M) number of the flow that an amount is a part of.
        shared: part of the variance that the amounts of a flow have in common.
    """

    sd: Floats
    flow: NDArray[np.int64]
    shared: float

    def times(self, rows: Floats) -> Floats:
        """(n, M) rows times the covariance of the errors."""
        scaled = rows * self.sd
        size = int(self.flow.max(initial=-1)) + 1
        member = csr_array(
            (np.ones(self.flow.size), (np.arange(self.flow.size), self.flow)), shape=(self.flow.size, size)
        )
        common = np.asarray((member @ (member.T @ scaled.T)).T)
        return np.asarray((self.shared * common + (1.0 - self.shared) * scaled) * self.sd)


@dataclass(frozen=True)
class Posterior:
    """(M) logarithms of factors after the counts, their standard deviations, and where a bound holds (-1, 0, 1)."""

    log_factor: Floats
    sd: Floats
    held: NDArray[np.int64]


def posterior(prior: Prior, share: Floats, off: Floats, sd: Floats, bound: float) -> Posterior:
    """The logarithms z of factors that minimise z' B^-1 z + sum_k ((off - share z)_k / sd_k)^2 within -bound..bound.

    Solved through its K unknown multipliers. A bound that binds is a count without error; one that would pull the other way is let go
    (active set: Nocedal and Wright 2006, section 16.5).

    Parameters
    ----------
    prior : Prior
        Errors of the M amounts, with covariance B.
    share : (K, M)
        Part of each amount in the modelled figure of each count: its derivative by z.
    off : (K)
        What z should make of each: logarithm of counted over modelled at z = 0.
    sd : (K)
        Standard deviation of those.
    bound : float
        Of the absolute value of z.
    """
    size = prior.sd.size
    held = np.zeros(size, np.int64)
    for _ in range(_STEPS):
        at = np.flatnonzero(held)
        unit = np.zeros((at.size, size))
        unit[np.arange(at.size), at] = 1.0
        rows = np.concatenate([share, unit])
        target = np.concatenate([off, bound * held[at]])
        error = np.concatenate([sd**2, np.full(at.size, _TIGHT)])
        spread = prior.times(rows)
        within = rows @ spread.T + np.diag(error)
        weight = np.linalg.solve(within, target)
        z = weight @ spread
        beyond = np.abs(z) > bound * (1.0 + 1e-6)
        beyond[at] = False
        pulling = weight[share.shape[0] :] * held[at]  # a bound only holds back
        if beyond.any():
            held[beyond] = np.sign(z[beyond]).astype(np.int64)
        elif (pulling > 1e-9).any():
            held[at[np.argmax(pulling)]] = 0
        else:
            break
    learnt = np.sum(spread * np.linalg.solve(within, spread), axis=0)
    return Posterior(np.clip(z, -bound, bound), np.sqrt(np.maximum(prior.sd**2 - learnt, 0.0)), held)
