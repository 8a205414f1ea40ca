"""The draws of one replication, made for all cases at once when one is first asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws
from svcsim.engine.rows import Contact

Four = tuple[float, float, float, float]


class Chance:
    """The draws of one replication; common ones are made for all cases at once, when first asked.

    Made at once or one by one, a draw is the same number: it depends only on its key.

    Parameters
    ----------
    seed, replication : int
        Of the run.
    key, stream : arrays of int64
        What the chance of each new case is keyed by.
    """

    def __init__(
        self, seed: int, replication: int, key: NDArray[np.int64], stream: NDArray[np.int64]
    ) -> None:
        self.seed, self.replication, self.cases = seed, replication, len(key)
        self._key, self._stream = key, stream
        self._made: dict[tuple[int, int, int], list[Four]] = {}

    def of_contact(self, contact: Contact, purpose: int) -> Four:
        """Return the block of a purpose that belongs to a contact."""
        return self._block(contact, 0, purpose >> 2)

    def of_handling(self, contact: Contact, purpose: int) -> Four:
        """Return the block of a purpose that belongs to the contact's latest handling."""
        return self._block(contact, contact.handlings, purpose >> 2)

    def _block(self, contact: Contact, handling: int, number: int) -> Four:
        case, no = contact.case, contact.no
        if case < self.cases and no <= 2 and handling <= 3:
            made = self._made.get((no, handling, number))
            if made is None:
                words = draws.block(
                    self.seed, self.replication, self._key, no, handling, number, self._stream
                )
                made = list(zip(*(w.tolist() for w in words), strict=True))
                self._made[no, handling, number] = made
            return made[case]
        return draws.block(
            self.seed, self.replication, contact.key, no, handling, number, contact.stream
        )
