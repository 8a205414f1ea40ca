"""The draws of one replication, made for all cases at once when one is first asked for."""

from __future__ import annotations

import numpy as np

from svcsim.engine import draws
from svcsim.engine.rows import Contact

Four = tuple[float, float, float, float]


class Chance:
    """The draws of one replication; common ones are made for all cases at once, when first asked.

    Made at once or one by one, a draw is the same number: it depends only on its key.
    """

    def __init__(self, seed: int, replication: int, cases: int) -> None:
        self.seed, self.replication, self.cases = seed, replication, cases
        self._made: dict[tuple[int, int, int], list[Four]] = {}

    def of_contact(self, contact: Contact, number: int) -> Four:
        """Return one block of the draws that belong to a contact."""
        return self._block(contact.case, contact.no, 0, number)

    def of_handling(self, contact: Contact, number: int) -> Four:
        """Return one block of the draws that belong to the contact's latest handling."""
        return self._block(contact.case, contact.no, contact.handlings, number)

    def _block(self, case: int, no: int, handling: int, number: int) -> Four:
        if case < self.cases and no <= 2 and handling <= 3:
            made = self._made.get((no, handling, number))
            if made is None:
                every = np.arange(self.cases, dtype=np.uint64)
                words = draws.block(self.seed, self.replication, every, no, handling, number)
                made = list(zip(*(w.tolist() for w in words), strict=True))
                self._made[no, handling, number] = made
            return made[case]
        return draws.block(self.seed, self.replication, case, no, handling, number)
