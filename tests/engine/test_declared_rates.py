"""The sample desk behaves as it is declared: rates, odds, laws and survey, within their noise."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from small_desks import MONDAY, run_clock
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import durations, rules
from svcsim.engine.aftermath import Aftermath
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, generate
from svcsim.engine.simpy_clock import SimpyClock
from svcsim.samples.history import truth

DAYS, TAIL = 112, 42
Z = 4.0


class Noted(SimpyClock):
    """Notes who resolved what; the rows keep only the last resolution."""

    def __init__(self, setting):
        super().__init__(setting)
        self.resolutions = []
        self.aftermath = NotedAftermath(self)


class NotedAftermath(Aftermath):
    def resolve(self, who, contact):
        self.clock.resolutions.append((contact, who, contact.reopens))
        super().resolve(who, contact)


@pytest.fixture(scope="module")
def run():
    horizon = Horizon(MONDAY, DAYS, TAIL)
    clock, record = run_clock(truth(), horizon, seed=12, clock_type=Noted)
    _, end, _ = horizon.bounds(clock.desk.model.timezone)
    early = [c for c in record.contacts if c.opened < end]
    return clock, early, end


def close(observed, p):
    """The total of Bernoulli outcomes lies within `Z` standard errors of the sum of `p`."""
    p = np.asarray(p, dtype=float)
    error = math.sqrt((p * (1 - p)).sum())
    assert abs(np.sum(observed) - p.sum()) <= Z * error
    return (np.sum(observed) - p.sum()) / max(error, 1e-12)


def test_nearly_everything_is_settled_by_the_end_of_the_tail(run):
    _, early, _ = run
    open_ = [c for c in early if c.resolved != c.resolved and c.abandoned != c.abandoned]
    assert len(early) > 12_000
    assert len(open_) < 0.002 * len(early)


def test_transfer_and_again_have_their_probabilities(run):
    clock, early, _ = run
    for k, category in enumerate(clock.desk.categories):
        mine = [c for c in early if c.category == k and c.handlings > 0]
        close([c.transfers for c in mine], [category.transfer] * len(mine))
        done = [c for c in mine if c.resolved == c.resolved]
        for c in (c for c in done if c.live):
            assert c.handlings == 1 + c.transfers + c.reopens
        tickets = [c for c in done if not c.live]
        pendings = sum(c.handlings - 1 - c.transfers - c.reopens for c in tickets)
        resolutions = sum(1 + c.reopens for c in tickets)
        trials = pendings + resolutions
        # an untransferred handling is one trial; geometric runs, so this is the estimator
        error = math.sqrt(category.again * (1 - category.again) / trials)
        assert pendings / trials == pytest.approx(category.again, abs=Z * error)


def odds_of(clock, base, contact, who):
    desk = clock.desk
    return rules.shifted(base, desk.tier_odds[contact.tier] * math.exp(-desk.quality[who]))


def test_reopens_have_the_odds_of_category_tier_and_agent(run):
    clock, early, end = run
    mine = {id(c) for c in early}
    groups = defaultdict(lambda: ([], []))
    for contact, who, reopens_before in clock.resolutions:
        if id(contact) not in mine:
            continue
        category = clock.desk.categories[contact.category]
        p = odds_of(clock, category.reopen, contact, who)
        for key in (("category", category.name), ("tier", contact.tier), ("agent", who)):
            groups[key][0].append(contact.reopens > reopens_before)
            groups[key][1].append(p)
    z = [close(*cells) for cells in groups.values()]
    assert len(z) == len(clock.desk.categories) + 3 + len(clock.desk.agents)
    by_tier = [np.mean(groups["tier", t][0]) for t in range(3)]
    assert by_tier[0] < by_tier[1] < by_tier[2]


def test_repeats_have_the_odds_of_category_tier_and_agent(run):
    clock, early, end = run
    followed = {(c.case, c.no - 1) for c in clock.record.contacts if c.no > 1}
    groups = defaultdict(lambda: ([], []))
    for c in early:
        if c.resolved != c.resolved or c.no >= clock.desk.model.max_contacts:
            continue
        category = clock.desk.categories[c.category]
        p = odds_of(clock, category.repeat, c, c.agent)
        for key in (("category", category.name), ("tier", c.tier), ("agent", c.agent)):
            groups[key][0].append((c.case, c.no) in followed)
            groups[key][1].append(p)
    for cells in groups.values():
        close(*cells)
    quality = clock.desk.quality
    order = sorted(range(len(quality)), key=lambda who: quality[who])
    worst, best = (
        np.mean(np.concatenate([groups["agent", who][0] for who in some]))
        for some in (order[:6], order[-6:])
    )
    assert worst > 1.2 * best


def test_repeats_come_after_their_delay(run):
    clock, early, _ = run
    resolved = {(c.case, c.no): c.resolved for c in early}
    delays = [
        c.opened - resolved[c.case, c.no - 1]
        for c in clock.record.contacts
        if c.no > 1 and (c.case, c.no - 1) in resolved
    ]
    law = np.vectorize(lambda x: durations.elapsed_share(clock.desk.repeat_after, (), x))
    assert len(delays) > 1000
    assert stats.kstest(delays, law).pvalue > 1e-3


def test_handling_times_have_the_mean_of_the_category_and_the_ratio_of_tiers(run):
    clock, early, _ = run
    desk, contacts = clock.desk, clock.record.contacts
    early_numbers = {c.number for c in early}
    seen, first = defaultdict(list), set()
    for agent, _, number, start, end, free in clock.record.work:
        contact = contacts[number]
        assert free - start == rules.busy_time(end - start, desk.slowdown, desk.tick)
        if number in first or number not in early_numbers or contact.no > 1:
            continue
        first.add(number)
        seen[contact.category, contact.tier].append((end - start) * desk.speed[agent])
    for k, category in enumerate(desk.categories):
        shares = np.diff([0.0, *category.tier_cuts, 1.0])
        means = np.array([np.mean(seen[k, t]) for t in range(3)])
        errors = np.array([np.std(seen[k, t]) / math.sqrt(len(seen[k, t])) for t in range(3)])
        total, error = shares @ means, math.sqrt((shares**2) @ (errors**2))
        assert total == pytest.approx(category.handling.mean, abs=Z * error)
        ratio, declared = means[2] / means[0], category.work[2] / category.work[0]
        error = ratio * np.hypot(*(errors / means)[[0, 2]])
        assert ratio == pytest.approx(declared, abs=Z * error)


def test_surveys_are_asked_answered_and_scored_as_declared(run):
    clock, early, _ = run
    survey = clock.desk.survey
    done = [c for c in early if c.resolved == c.resolved and c.survey_sent == c.survey_sent]
    close([c.survey_sent for c in done], [survey.asked] * len(done))
    asked = [c for c in done if c.survey_sent]
    close([c.score == c.score for c in asked], [survey.answered] * len(asked))
    answers = [c for c in asked if c.score == c.score]
    effects = [
        survey.score.wait * math.log1p((c.first_response - c.opened) / 3600)
        + survey.score.returned * (c.reopens > 0 or c.no > 1)
        + survey.score.quality * clock.desk.quality[c.agent]
        for c in answers
    ]
    fresh = np.array([c.no == 1 and not c.reopens for c in answers])
    repeats = np.array([c.no > 1 and not c.reopens for c in answers])
    scores, shift = np.array([c.score for c in answers]), np.exp(effects)
    for mine in (fresh, repeats, ~fresh & ~repeats):
        assert mine.sum() > 100
        for k, p in enumerate(survey.cumulative):
            close(scores[mine] >= k + 2, [rules.shifted(p, odds) for odds in shift[mine]])
    assert len(answers) > 2000


def test_new_cases_follow_level_profile_and_busy_days():
    model = truth()
    plain, horizon = compile_desk(model), Horizon(MONDAY, 28, 0)
    start = horizon.bounds(model.timezone)[0]
    runs = [generate(plain, horizon, 21, r).opened - start for r in range(1, 61)]
    hours = np.array([np.bincount(run // 3600, minlength=28 * 24) for run in runs])
    days = hours.reshape(60, 28, 24).sum(axis=2)
    shares = np.array([model.arrivals.profile[d] for d in WEEKDAYS])
    expected = np.tile(plain.level * shares.sum(axis=1), 4)
    cv, phi = plain.day_cv, plain.day_ar
    error = cv * math.sqrt((1 + phi) / (1 - phi) / days.size)
    assert (days / expected).mean() == pytest.approx(1.0, abs=Z * math.hypot(error, 0.003))
    excess = ((days - expected) ** 2 - expected) / expected**2
    assert excess.mean() == pytest.approx(cv * cv, rel=0.2)
    x = days / expected - 1
    covariance = (x[:, :-1] * x[:, 1:]).mean()
    assert covariance / (cv * cv) == pytest.approx(phi, abs=0.12)
    by_hour = hours.reshape(60, 4, 7, 24).sum(axis=(0, 1))
    within = by_hour.sum(axis=1, keepdims=True) * shares / shares.sum(axis=1, keepdims=True)
    assert stats.chi2.sf(((by_hour - within) ** 2 / within).sum(), 7 * 23) > 1e-3


def test_category_shares_of_the_sample_desk(run):
    clock, early, _ = run
    names = [c.name for c in clock.desk.categories]
    roots = pd.Series([names[c.category] for c in early if c.no == 1])
    for name, category in clock.desk.model.categories.items():
        close(roots == name, [category.share.value] * len(roots))
