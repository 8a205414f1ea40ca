"""The line of definitions below a table of KPIs: which rule each number was measured by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from svcsim.cli.words import word
from svcsim.text import Text, listed

if TYPE_CHECKING:
    from svcsim.metrics.metric import Metric


def definitions(metrics: Iterable[str | Metric]) -> Text:
    """Return every KPI with the hash of its definition, and of how many it is one.

    Empty when there are no metrics.
    """
    from svcsim.metrics.catalogue import get_metric
    from svcsim.metrics.variants import family_of

    told: list[Text] = []
    several = False
    for metric in dict.fromkeys(get_metric(m) if isinstance(m, str) else m for m in metrics):
        family = family_of(metric.id)
        one_of = "" if family is None else word("one_of", n=len(family.members))
        several = several or family is not None
        name = Text(metric.id, metric.zh)
        told.append(word("definition_of", metric=name, hash=metric.definition, one_of=one_of))
    if not told:
        return Text("")
    line = word("definitions_line", each=listed(told, (", ", "、")))
    return listed([line, word("definitions_more")], ("; ", "；")) if several else line
