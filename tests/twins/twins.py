"""Whether two replications are equal in every field."""

from __future__ import annotations

import numpy as np

from svcsim.engine.rows import ROW, SPELL, WINDOW, Tables


def differences(a: Tables, b: Tables) -> list[str]:
    """Say where two replications differ: table, field, first row; empty when they are equal."""
    found = [] if a.capped == b.capped else [f"capped {a.capped} / {b.capped}"]
    for name, kind in (("rows", ROW), ("work", SPELL), ("staffed", WINDOW)):
        one, two = getattr(a, name), getattr(b, name)
        if len(one) != len(two):
            found.append(f"{name}: {len(one)} / {len(two)}")
            continue
        for field in kind.names:
            x, y = one[field], two[field]
            same = (x == y) | (np.isnan(x) & np.isnan(y) if x.dtype.kind == "f" else False)
            if not same.all():
                at = int(np.flatnonzero(~same)[0])
                found.append(f"{name}[{at}].{field}: {x[at]} / {y[at]} and {int((~same).sum())}")
    return found
