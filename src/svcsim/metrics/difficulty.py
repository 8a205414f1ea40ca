"""How hard a contact is, from what was known when it came; never from its own agent's outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.codes import coded, dense
from svcsim.contacts.log import ContactLog

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KNOWN_AT_ARRIVAL = ("category", "difficulty", "channel", "priority")


def difficulty_index(log: ContactLog) -> Floats:
    """Return each contact's expected handling time / the mean of all contacts' (mean 1).

    Contacts that are alike in `KNOWN_AT_ARRIVAL` are a kind. For a contact of kind k and agent a

        d = (S_k − S_ka + K·m) / (n_k − n_ka + K) / mean(d)

    with S and n the sum and number of handling times, the agent's own (S_ka, n_ka) left out so
    that nobody makes the work look hard by being slow; m is the mean of all and K = σ²/τ² the
    contacts that m is worth (variance within kinds / between kinds, by the moments of a one-way
    analysis of variance). All of the log counts, not the period alone: weights stay the same from
    period to period of one history. NaN where no handling time is known at all.
    """
    frame = log.frame
    kind, agent = _kinds(log), coded(frame, "agent").code
    handle = np.where(np.isnan(frame["abandoned_s"].to_numpy()), frame["handle_s"], np.nan)
    replication, many = dense(frame["replication"].to_numpy().astype(np.int64))
    index = np.full(len(frame), np.nan)
    order = np.argsort(replication, kind="stable")
    for rows in np.split(order, np.searchsorted(replication[order], np.arange(1, len(many)))):
        index[rows] = _index(dense(kind[rows])[0], agent[rows], np.asarray(handle[rows]))
    return index


def _index(kind: Ints, agent: Ints, handle: Floats) -> Floats:
    """Return the index of the contacts of one history or replication."""
    use = handle > 0
    if not use.any():
        return np.full(len(handle), np.nan)
    kinds, agents = int(kind.max()) + 1, int(agent.max(initial=-1)) + 2
    n = np.bincount(kind[use], minlength=kinds)
    total = np.bincount(kind[use], handle[use], kinds)
    pair = kind * agents + agent + 1
    own_n = np.bincount(pair[use], minlength=kinds * agents)[pair]
    own = np.bincount(pair[use], handle[use], kinds * agents)[pair]
    own_n, own = np.where(agent < 0, 0, own_n), np.where(agent < 0, 0.0, own)
    mean = float(handle[use].mean())
    strength = _strength(handle[use], kind[use], n, np.asarray(total, dtype=np.float64))
    if not np.isfinite(strength):
        return np.ones(len(handle))
    worth = n[kind] - own_n + strength
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(worth > 0, (total[kind] - own + strength * mean) / worth, mean)
    return np.asarray(expected / expected.mean(), dtype=np.float64)


def _kinds(log: ContactLog) -> Ints:
    code = np.zeros(len(log.frame), dtype=np.int64)
    for name in KNOWN_AT_ARRIVAL:
        own = coded(log.frame, name)
        code = code * (len(own.labels) + 1) + own.code + 1
    return dense(code)[0]


def _strength(handle: Floats, kind: Ints, n: Ints, total: Floats) -> float:
    """Return K = σ²/τ²; infinite when kinds differ by no more than chance."""
    seen = n > 0
    many, kinds = int(n.sum()), int(seen.sum())
    if kinds < 2 or many <= kinds:
        return float("inf")
    means = total[seen] / n[seen]
    within = float(((handle - (total / np.maximum(n, 1))[kind]) ** 2).sum()) / (many - kinds)
    between = float((n[seen] * (means - handle.mean()) ** 2).sum()) / (kinds - 1)
    size = (many - float((n[seen] ** 2).sum()) / many) / (kinds - 1)
    spread = (between - within) / size
    return within / spread if spread > 0 else float("inf")
