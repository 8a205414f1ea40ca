"""What the tuning of free factors found: estimates, moments, the fit as a whole, ridges."""

from __future__ import annotations

from svcsim.spec import Spec
from svcsim.text import Text


class FreeFactor(Spec):
    """A factor that the history does not tell directly, with what replays made of it."""

    name: str
    """``slowdown``, ``quiet``, ``off_peak`` or ``repeat``."""
    what: Text
    value: float
    low: float | None = None
    """Lower end of the 90 % interval; absent: not tuned."""
    high: float | None = None
    error: float | None = None
    """Standard error on the scale of the fit (a logarithm; ``quiet``: a part), the interval's."""
    tuned: bool = True
    why: Text = Text("")
    """Why it was freed, or kept."""


class MomentFit(Spec):
    """One moment of the history beside that of the replays."""

    name: str
    what: Text
    observed: float
    simulated: float
    error: float
    """Standard error of the difference (history's chance and simulation noise)."""
    z: float
    """(observed - simulated) / error."""


class Ridge(Spec):
    """Parameters that the moments cannot tell apart."""

    what: Text
    """The direction in words."""
    direction: dict[str, float] = {}
    """Parameter -> its share of the direction, on the log scale (unit length)."""
    frozen: tuple[str, ...] = ()
    """Parameters that are kept at what the history or the planner says."""
    error: float | None = None
    """Standard error along the direction on the log scale; absent: without bound."""


class Tuning(Spec):
    """Result of the simulated method of moments on one span of history."""

    start: str = ""
    """First local day of the span (ISO)."""
    end: str = ""
    replications: int = 0
    factors: tuple[FreeFactor, ...] = ()
    moments: tuple[MomentFit, ...] = ()
    j: float | None = None
    """Weighted sum of squared residuals, corrected for simulation noise and for correlated
    moments so that it is chi-squared with ``df`` under the model."""
    df: float = 0.0
    """Effective degrees of freedom of ``j``."""
    p: float | None = None
    """Probability of so large a ``j`` if the structure is right."""
    misses: tuple[str, ...] = ()
    """Moments that the model misses."""
    parameters: tuple[str, ...] = ()
    """Parameters whose effect on the moments was examined."""
    singular: tuple[float, ...] = ()
    """Singular values of the weighted Jacobian, the largest first."""
    condition: float | None = None
    """Largest over smallest singular value; absent: without bound, or not examined."""
    ridges: tuple[Ridge, ...] = ()
    notes: tuple[Text, ...] = ()
