"""Chance: a function of (seed, replication, case, contact, handling, purpose), never a stream.

Every number comes from Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3"), a counter-based generator: its four 32-bit words are a pure function of a
128-bit counter and a 64-bit key. So routing or staffing cannot shift anybody's draws, scenarios
share chance by construction, and nothing is drawn that is not used. A uniform is (word + 1/2) /
2^32: strictly inside (0, 1) with a resolution of 2.3e-10.

A case is known by a number and a stream (a hash of what it belongs to: its category, say), so
that adding a category leaves the chance of all others as it was.

The functions work on Python integers, on the compiler's 64-bit integers (a product of two 32-bit
words may wrap there, its upper word is masked) and, element by element, on int64 arrays alike.
"""

from __future__ import annotations

import math
from typing import Any, Final

_M0: Final = 0xD2511F53
_M1: Final = 0xCD9E8D57
_W0: Final = 0x9E3779B9
_W1: Final = 0xBB67AE85
_MASK: Final = 0xFFFFFFFF
_SCALE: Final = 2.0**-32

# Purposes. Four purposes share one block, so one evaluation of the generator serves them all.
CASE_CATEGORY, CASE_CHANNEL, CASE_DIFFICULTY, CASE_PRIORITY = 0, 1, 2, 3
PICKUP = 6
PATIENCE, BALK, REPEAT, REPEAT_AFTER = 8, 9, 10, 11
ASKED, ANSWERED, SCORE, SURVEY_AFTER = 12, 13, 14, 15
WORK, AGAIN, PENDING, TRANSFER = 16, 17, 18, 19
REOPEN, REOPEN_AFTER, OFF, OFF_TIME = 20, 21, 22, 23
DAY_FACTOR, DAY_ROSTER, WEEK_FACTOR, CAPACITY = 24, 25, 26, 27
PRESENCE = 28
PARAMETER = 32
PENDING_BEFORE = 36
HOLD, HOLD_TIME, HELP, HELP_TIME = 64, 65, 66, 67
WRAP_UP, REASON, PREMATURE, FIRST_REPLY = 68, 69, 70, 71
COMPLAINT, CHURN, CHECKED, CHECK_SCORE = 72, 73, 74, 75
EMPTY_REPLY, REDIAL, REDIAL_AFTER = 76, 77, 78
REWORK, REWORK_AFTER = 80, 81
CHERRY = 84
CASE_POINT, POINT_PLACE, POINT_TIER, POINT_CHANNEL = 40, 41, 42, 43
KIND_PRIORITY, KIND_CUSTOMER, KIND_SEGMENT, KIND_LANGUAGE = 44, 45, 46, 47
BURST_HEIGHT, BURST_PLACE, BURST_SIZE = 48, 49, 50
LEAVES, REPLACED = 52, 53
SPELL, SPELL_DAYS = 56, 57


def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four 32-bit words of Philox4x32-10 for counter ``c`` and key ``k``."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        high0, high1 = (p0 >> 32) & _MASK, (p1 >> 32) & _MASK
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, p1 & _MASK, high0 ^ c3 ^ k1, p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


def block(
    seed: int,
    replication: int,
    case: Any,
    contact: Any,
    handling: Any,
    number: int,
    stream: Any = 0,
) -> tuple[Any, Any, Any, Any]:
    """Return four uniforms: those of purposes ``4 * number`` to ``4 * number + 3``.

    ``case``, ``stream`` and ``replication`` below 2^32, ``contact`` and ``handling`` below 2^16.
    """
    words = philox(
        case,
        (contact << 16) | handling,
        replication & _MASK,
        number,
        seed & _MASK,
        ((seed >> 32) & _MASK) ^ stream,
    )
    return (
        (words[0] + 0.5) * _SCALE,
        (words[1] + 0.5) * _SCALE,
        (words[2] + 0.5) * _SCALE,
        (words[3] + 0.5) * _SCALE,
    )


def uniform(
    seed: int,
    replication: int,
    case: Any,
    contact: Any,
    handling: Any,
    purpose: int,
    stream: Any = 0,
) -> Any:
    """Return the one uniform of a purpose."""
    return block(seed, replication, case, contact, handling, purpose >> 2, stream)[purpose & 3]


def signed(seed: int) -> int:
    """Return the seed's lowest 64 bits as the machine's signed integer."""
    return (seed + (1 << 63)) % (1 << 64) - (1 << 63)


def normal(u: float) -> float:
    """Return the standard normal quantile of ``u`` (Wichura 1988, AS 241 PPND16; error < 1e-15)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _ratio(r, _A, _B)
    r = math.sqrt(-math.log(u if q < 0 else 1.0 - u))
    value = _ratio(r - 1.6, _C, _D) if r <= 5.0 else _ratio(r - 5.0, _E, _F)
    return -value if q < 0 else value


def _ratio(r: float, top: tuple[float, ...], bottom: tuple[float, ...]) -> float:
    a = top
    b = bottom
    return (
        ((((((a[7] * r + a[6]) * r + a[5]) * r + a[4]) * r + a[3]) * r + a[2]) * r + a[1]) * r
        + a[0]
    ) / (
        ((((((b[6] * r + b[5]) * r + b[4]) * r + b[3]) * r + b[2]) * r + b[1]) * r + b[0]) * r + 1.0
    )


_A = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_B = (
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_C = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_D = (
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_E = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_F = (
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)
