"""Routing discipline: in which order waiting contacts are taken, learned from what was taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from svcsim.calibration.choice import Logit, Threshold, conditional_logit, threshold, turning_point
from svcsim.calibration.estimator import Estimator, share_from_counts
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.picks import (
    FEW_CONTESTS,
    Facing,
    contests,
    easiest_of,
    facing,
    features_of,
    kept_for,
    preferred,
    thinned,
    urgency_of,
)
from svcsim.calibration.routing_words import ORDERS, own_words
from svcsim.calibration.waiting import Sets, Starts, choice_sets, starts_of, without_returns
from svcsim.contacts.log import ContactLog, show_day
from svcsim.model.handling import Behaviour
from svcsim.model.routing import Routing
from svcsim.text import Text
from svcsim.units import format_duration

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW_SETS = 100
"""Picks with a choice below which nothing is said about the discipline."""
RANDOM = 0.1
"""Pseudo-R^2 below which contacts are taken as if at random."""
HEEDED_BY = 0.4
"""Share of a priority that must have had its credit before the model gives it to all of it."""
WINDOWS = (2, 3, 5, 8, 12, 20)
"""How far down the queue a cherry-picker may look."""
PICKERS = 0.05
"""Share of cherry-picking agents from which the model has them."""
FEW_PER_AGENT = 10
TWO_RULES = 0.8
"""Share of picks that must be of the most urgent or of the easiest contact."""
EASY_Z = 2.33
FEATURES = ("oldest", "newest", "priority", "work", "own")


class DisciplineEstimator(Estimator):
    """Learn `Routing` (credits, own contacts) and cherry-picking from the picks of a log.

    At every pick the contacts waiting for the same team and mode that the agent serves are the
    alternatives (`waiting`). A conditional logit of the one taken on *oldest, newest, priority,
    log expected work, own* tells what the order goes by: nothing when its pseudo-R^2 is under .1,
    else the feature that explains most by itself. Credits follow from contests between the
    longest waiting contacts of two priorities (`choice.threshold`): how much longer the other
    must have waited to be taken first. A credit is set only when its 90 % interval leaves out 0.

    Attributes
    ----------
    routing_ : Routing
    behaviour_ : Behaviour
        Cherry-picking where it is found, else all off.
    order_ : str
        ``unknown, random, oldest, newest, priority, work, own``.
    explained_ : float
        Pseudo-R^2 of the whole logit.
    alone_ : dict of feature to float
        Pseudo-R^2 of each feature by itself.
    logit_ : Logit or None
        Coefficients: oldest, newest, one per priority but the commonest, work, own.
    credits_ : dict of priority to Threshold
        Against the commonest priority of the sets.
    picks_ : int
        Picks with a choice that were looked at.
    """

    def fit(self, log: ContactLog, handling: HandlingEstimator) -> Self:
        """Learn from ``log``; ``handling`` has been fitted on it and tells the expected work."""
        self.routing_, self.behaviour_ = Routing(), Behaviour()
        self._timezone = log.timezone
        self.order_, self.explained_ = "unknown", 0.0
        self.alone_: dict[str, float] = {}
        self.logit_: Logit | None = None
        self.credits_: dict[str, Threshold] = {}
        starts = starts_of(log)
        sets = choice_sets(log, starts)
        self.picks_ = len(sets)
        if len(sets) < FEW_SETS:
            self._too_few(starts)
            return self
        desk = facing(log.frame, handling)
        self._order(starts, sets, desk)
        plain = without_returns(starts, sets)
        if self.order_ not in ("random", "newest"):
            self._credits(starts, plain, desk)
            self._cherry(starts, plain, desk)
            self._own(starts, sets, desk)
        self._tell(len(np.unique(sets.agent)))
        return self

    def _too_few(self, starts: Starts) -> None:
        if not np.isfinite(starts.taken).any():
            self._note(
                "the log does not tell when work on a contact began, so the order in which "
                "contacts are taken is assumed: first come, first served",
                "数据看不出每条联络何时开始处理，无从判断取件顺序，按先到先得假设",
            )
            return
        self._note(
            f"only {self.picks_} times did an agent have a choice of contacts (under {FEW_SETS}); "
            "first come, first served is assumed",
            f"坐席在多条等待联络之间选择的情形只有 {self.picks_} 次（不足 {FEW_SETS} 次），"
            "按先到先得假设",
        )

    def _order(self, starts: Starts, sets: Sets, desk: Facing) -> None:
        sample = thinned(sets)
        features, columns = features_of(starts, sample, desk)
        if not columns:
            return
        self.logit_ = conditional_logit(features, sample.first, sample.chosen)
        self.columns_ = columns
        self.explained_ = self.logit_.explained
        for name in FEATURES:
            own = [i for i, column in enumerate(columns) if column == name]
            if own:
                part = conditional_logit(features[:, own], sample.first, sample.chosen)
                self.alone_[name] = part.explained
        best = max(self.alone_, key=lambda name: self.alone_[name])
        self.order_ = "random" if self.explained_ < RANDOM else best

    def _credits(self, starts: Starts, sets: Sets, desk: Facing) -> None:
        """Set how long a wait each priority starts with."""
        counts = np.bincount(desk.priority, minlength=len(desk.names))
        usual = int(np.argmax(counts))
        self._usual = desk.names[usual]
        credit = {desk.names[usual]: 0.0}
        for other in np.flatnonzero(counts):
            if other == usual:
                continue
            found = self._credit(starts, sets, desk, int(other), usual)
            if found is None:
                continue
            name = desk.names[other]
            self.credits_[name] = found
            if found.share >= HEEDED_BY and max(found.low, -found.high) > starts.tick:
                longest = float(np.nanmax(starts.gone - starts.joined))
                strict = float(np.ceil(2.0 * longest / 3600.0) * 3600.0)
                credit[name] = strict if found.beyond else float(round(found.value))
        lowest = min(credit.values())
        credit = {name: value - lowest for name, value in credit.items() if value > lowest}
        if credit:
            self.routing_ = self.routing_.model_copy(update={"credit": credit})

    def _credit(
        self, starts: Starts, sets: Sets, desk: Facing, one: int, other: int
    ) -> Threshold | None:
        """Return the credit of a priority; the one in force last where the rule changed."""
        lead, won, at = contests(starts, sets, desk, one, other)
        if len(lead) < FEW_CONTESTS or np.abs(lead).max() <= starts.tick:
            return None
        # stamps are whole: of two contacts as urgent the older goes first, so a lead of exactly
        # the credit is lost and the turn lies half a step further up than the stamps say
        lead = lead + 0.5 * starts.tick
        found = _as_stamped(threshold(lead, won), starts.tick)
        between = (lead > min(0.0, found.value)) & (lead < max(0.0, found.value))
        turn = turning_point(won[between])
        if turn is None:
            return found
        since = at[between][turn.place]
        later = at >= since
        day = show_day(float(since), self._timezone)[:10]
        name = desk.names[one]
        self._note(
            f"the rule changed on {day}: of the contests that a credit decides, priority {name} "
            f"won {turn.before:.0%} before and {turn.after:.0%} since; the latter is learned",
            f"规则自 {day} 起有变：由等待抵扣决定胜负的比较中，优先级 {name} 此前胜出 "
            f"{turn.before:.0%}，其后 {turn.after:.0%}；按其后的规则学习",
        )
        return _as_stamped(threshold(lead[later], won[later]), starts.tick)

    def _cherry(self, starts: Starts, sets: Sets, desk: Facing) -> None:
        """Set the share of agents who take the easiest of the first contacts."""
        if not self._easy_first():
            return
        found = [(w, *easiest_of(starts, sets, desk, self.routing_, w)) for w in WINDOWS]
        window, table, _ = max(found, key=lambda one: one[2])
        table = table[table["n"] >= FEW_PER_AGENT]
        decided = table["easiest"] + table["urgent"]
        # the share of agents only tells where picks follow one of the two rules
        if len(table) < 2 or decided.sum() < TWO_RULES * table["n"].sum():
            return
        rate = table["easiest"] / decided.clip(lower=1)
        share = share_from_counts(
            float(rate.sum()), len(rate), "proxy", "picks of an easier contact than the most urgent"
        )
        if rate.mean() >= PICKERS:
            self.behaviour_ = Behaviour(cherry_picking=share, cherry_window=window)

    def _easy_first(self) -> bool:
        """Tell whether, all else alike, less work surely makes a contact more likely to be taken.

        An agent kept for one kind of work takes it before others, easy or not: only a preference
        for less work over all of them is cherry-picking.
        """
        if self.logit_ is None or "work" not in self.columns_:
            return False
        at = self.columns_.index("work")
        return bool(self.logit_.coefficient[at] < -EASY_Z * self.logit_.error[at])

    def _own(self, starts: Starts, sets: Sets, desk: Facing) -> None:
        """Set whether an agent's own returning tickets go first, and how long they are kept."""
        tickets = sets.of(~sets.live)
        if not len(tickets):
            return
        urgency = urgency_of(starts, tickets, desk, self.routing_)
        mine = starts.owner[tickets.row] == tickets.agent[tickets.pick]
        returned = starts.returned[tickets.row]
        update: dict[str, object] = {}
        again = preferred(tickets, urgency, mine & returned)
        if again is not None:
            update["own_first"] = again > 0.5
        customer = preferred(tickets, urgency, mine & ~returned)
        if customer is not None and customer > 0.5:
            update["own_customer"] = True
        theirs = (
            (starts.owner[tickets.row] >= 0) & ~mine & (returned | bool(update.get("own_customer")))
        )
        kept = kept_for(starts, tickets, urgency, theirs)
        if kept is not None and kept.low > starts.tick:
            update["own_wait"] = float(round(kept.value))
        if update:
            self.routing_ = self.routing_.model_copy(update=update)

    def _tell(self, people: int) -> None:
        """Say in which order contacts are taken, and what of it the model cannot do."""
        head = Text(
            f"{self.picks_} picks of {people} agents who had a choice (pseudo-R² "
            f"{self.explained_:.2f})",
            f"{people} 名坐席在有选择时的 {self.picks_} 次取件（伪 R² {self.explained_:.2f}）",
        )
        if self.order_ in ORDERS:
            part = ORDERS[self.order_]
            self._note(f"{head}: {part}", f"{head.zh}：{part.zh}")
        for name, found in self.credits_.items():
            if not found.low <= 0 <= found.high:
                self._tell_credit(name, found)
        for told in own_words(self.routing_):
            self._note(told, told.zh)
        share = self.behaviour_.cherry_picking
        if share.value > 0:
            self._note(
                f"{share.value:.0%} of the agents take the easiest of the first "
                f"{self.behaviour_.cherry_window} waiting contacts rather than the most urgent",
                f"{share.value:.0%} 的坐席从排在前面的 {self.behaviour_.cherry_window} 条中"
                "挑最简单的，而不是最紧急的",
            )
        elif self.order_ == "work":
            self._note(
                "easy (or hard) contacts are preferred in a way that the model cannot do; it takes "
                "the most urgent",
                "坐席按难易取件，但方式为模型所不能表示，仍按最紧急者优先",
            )

    def _tell_credit(self, name: str, found: Threshold) -> None:
        first, second = (name, self._usual) if found.value > 0 else (self._usual, name)
        ends = sorted((abs(found.low), abs(found.high)))
        value, low, high = (format_duration(round(abs(x))) for x in (found.value, *ends))
        least, zh_least = ("at least ", "至少") if found.beyond else ("", "")
        self._note(
            f"priority {first} starts with {least}{value} of wait against {second} (90 % interval "
            f"{low} to {high}, {found.n} contests; {found.share:.0%} of its contacts had it)",
            f"优先级 {first} 相对 {second} 起始即抵扣{zh_least} {value} 的等待（90% 区间 {low} 至 "
            f"{high}，比较 {found.n} 次；其中 {found.share:.0%} 的联络享有）",
        )
        if found.share < HEEDED_BY:
            self._note(
                "the model gives a credit to all contacts of a priority or to none; too few had "
                "it, so none has",
                "模型中的抵扣对同一优先级一律适用；享有者太少，故不设",
            )

    def _note(self, en: str, zh: str) -> None:
        self.notes_.append(Text(f"routing: {en}", f"派单：{zh}"))


def _as_stamped(found: Threshold, tick: float) -> Threshold:
    """Return a threshold as sure as stamps of that resolution can make it."""
    return replace(found, low=found.low - 0.5 * tick, high=found.high + 0.5 * tick)
