"""Units of a kind against the others on one KPI: observed, expected, and the error of that."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from svcsim.scorecard.fairness import at_mix
from svcsim.scorecard.funnel_limits import Law

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """One KPI of all units of a kind in one period.

    Parameters
    ----------
    observed, expected, reference : ndarray
        A unit's own value, what the others reach on its kinds of contact, and what they reach at
        the desk's mix (`fairness.standardise`); where values are not compared at equal mix, both
        are the value of the others.
    n : ndarray
        Contacts of each unit.
    error : ndarray
        Standard error of observed − expected, that of the expectation included; NaN for quantiles.
    z : ndarray
        (observed − expected)/error; for a quantile p the standardised number of own contacts
        beyond the value of all.
    contact_sd : float
        Standard deviation of one contact within its kind.
    centre : float
        Value of all units together.
    law : str
        What the value of equal units follows (`funnel_limits`).
    design : float
        By how much contacts of a day that move together widen the variance, at least 1.
    adjusted : bool
        Whether values are compared at equal mix.
    comparable : ndarray of bool
        False for a unit most of whose kinds of contact nobody else handles.
    pool : ndarray
        Ascending values of all contacts, for a quantile.
    p : float
        Which quantile.
    order : tuple
        Of a quantile, for the levels `WATCH` and `ACT`: limits at each unit's own mix.
    stretch : ndarray
        Of a quantile, by how much these are widened for the error of the expectation.
    """

    observed: Floats
    expected: Floats
    reference: Floats
    n: Floats
    error: Floats
    z: Floats
    contact_sd: float
    centre: float
    law: Law
    design: float
    adjusted: bool
    comparable: NDArray[np.bool_]
    pool: Floats
    p: float = float("nan")
    order: tuple[tuple[Floats, Floats], ...] = ()
    stretch: Floats = field(default_factory=lambda: np.empty(0))

    def at_mix(self, observed: Floats, unit: str) -> Floats:
        """Return values of the units moved to the desk's mix."""
        if not self.adjusted:
            return observed
        mostly = self.centre > 0.5
        return at_mix(observed, self.expected, self.reference, unit, mostly=mostly)
