"""``svcsim measure --variants``: the definitions of a name beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.text import Text

if TYPE_CHECKING:
    from svcsim.contacts.log import ContactLog


def show_variants(log: ContactLog, asked: list[str], out: Output) -> int:
    """Print every family of definitions with value, n, definition and what sets each apart."""
    import numpy as np

    from svcsim.metrics.evaluate import evaluate
    from svcsim.metrics.periods import Periods
    from svcsim.metrics.support import why_not
    from svcsim.metrics.variants import alone, side_by_side
    from svcsim.units import format_value

    told: list[dict[str, Any]] = []
    for metric_id in alone(asked):
        out.say(word("no_variants", metric=metric_id))
    for family, variants in side_by_side(asked):
        reasons = {v.metric.id: why_not(log, v.metric) for v in variants}
        known = [v.metric for v in variants if not reasons[v.metric.id]]
        period = Periods(np.array([log.start, log.end]), ("all",)) if family.by_date else None
        table = evaluate(log, known, period=period).set_index("metric") if known else None
        rows, members = [], []
        for variant in variants:
            metric, why = variant.metric, reasons[variant.metric.id]
            mark = "*" if variant.contractual else ""
            member: dict[str, Any] = {
                "metric": metric.id, "contractual": variant.contractual,
                "definition": metric.definition, "differs": variant.differs.data(),
                "formula": metric.formula.data(),
            }  # fmt: skip
            if why or table is None:
                member["not_measured"] = why.data()
                rows.append([mark, metric.id, "", "", "", metric.definition, why])
            else:
                row: dict[str, Any] = dict(table.loc[metric.id])
                member |= {key: row[key] for key in ("value", "n", "lower", "upper", "unit")}
                low, high = (format_value(row[key], metric.unit, 4) for key in ("lower", "upper"))
                between = "" if low == "n/a" else Text(f"{low} .. {high}", f"{low.zh} .. {high.zh}")
                value = format_value(row["value"], metric.unit, 4)
                rows.append(
                    [mark, metric.id, value, between, str(row["n"]), metric.definition,
                     variant.differs]
                )  # fmt: skip
            members.append(member)
        out.print(family.name)
        heads = [word(head) for head in ("metric", "value", "interval", "n", "definition")]
        out.table(rows, ["", *heads, word("differs")])
        for rule in family.not_here:
            out.print(word("not_here", rule=rule))
        out.print("")
        told.append({
            "family": family.id, "name": family.name.data(), "members": members,
            "not_here": [rule.data() for rule in family.not_here],
        })  # fmt: skip
    out.print(word("variants_mark"))
    out.emit({"log": {"name": log.name}, "variants": told})
    return 0
