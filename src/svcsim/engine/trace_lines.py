"""The trace in words: a line for each event, with who waits and who is free after it.

The state stands before the sentence, in columns, so that a finger can run down it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from svcsim.contacts.log import ContactLog
from svcsim.engine.trace import GONE, TAKE, Event, events
from svcsim.engine.trace_floor import Floor, at_once
from svcsim.text import Text, listed

WORDS: dict[str, Text] = {
    "title": Text(
        "Replication {n}: what happened from {start} to {end}, local time of {zone}",
        "第 {n} 次模拟：{start} 至 {end} 的经过，{zone} 当地时间",
    ),
    "key": Text(
        "After each event: contacts waiting for a team / agents of that team who are free.",
        "每个事件之后：等待该班组的联络数/该班组空闲坐席数。",
    ),
    "several": Text(
        "Free: nothing at hand. Who has a chat open is not free, but may have room for another.",
        "空闲指手头没有联络；有会话在进行的坐席不计为空闲，但可能还能再接。",
    ),
    "unknown": Text(
        "Not told by this run: when a contact came back to a queue, {n} times. Until it is taken "
        "it counts as not waiting.",
        "本次模拟未记录：{n} 次联络何时回到队列；在被接手之前不计入等待。",
    ),
    "no_off": Text(
        "Not told by this run: time off the queue (breaks, other work). Agents count as free then.",
        "本次模拟未记录离队时间（休息、其他工作），其间坐席计为空闲。",
    ),
    "columns": Text("waiting/free", "等待/空闲"),
    "nothing": Text("nothing happened in this span", "该时段内没有事件"),
    "arrives": Text("{ticket} arrives ({about})", "{ticket} 到达（{about}）"),
    "repeats": Text(
        "{ticket} arrives, a repeat of {before} ({about})",
        "{ticket} 到达，是 {before} 的重复来访（{about}）",
    ),
    "repeats_old": Text(
        "{ticket} arrives again about case {case}, known from before the start ({about})",
        "{ticket} 到达，为期初之前的 {case} 再次来访（{about}）",
    ),
    "is_up": Text("{ticket} is up for work", "{ticket} 可以处理"),
    "was_open": Text(
        "{ticket} is left from before ({about}, opened {until})",
        "{ticket} 为期初遗留（{about}，{until} 创建）",
    ),
    "is_back": Text("{ticket} is back from the customer", "{ticket} 客户已回复"),
    "reopens": Text("{ticket} is reopened", "{ticket} 重开"),
    "is_reworked": Text("{ticket} needs more work", "{ticket} 需返工"),
    "waits": Text(" -> waits for {team}", " -> 等待 {team}"),
    "takes": Text("{agent} takes {ticket}", "{agent} 接手 {ticket}"),
    "helps": Text("{agent} helps with {ticket}", "{agent} 协助处理 {ticket}"),
    "has_helped": Text(
        "{agent} has helped with {ticket} ({value})", "{agent} 完成对 {ticket} 的协助（{value}）"
    ),
    "after": Text(" after {value}", "，已等待 {value}"),
    "at_once": Text(" at once", "，无等待"),
    "beside": Text(", beside {others}", "，同时还在处理 {others}"),
    "still_has": Text("; {agent} still has {others}", "；{agent} 手头还有 {others}"),
    "ends": Text(
        "{agent} ends {ticket} ({value}): {outcome}", "{agent} 结束 {ticket}（{value}）：{outcome}"
    ),
    "resolved": Text("resolved", "已解决"),
    "transferred": Text("transferred", "转派"),
    "handed_on": Text("handed on", "转手"),
    "replied": Text("a first reply, not yet the work itself", "仅首次回复，尚未处理"),
    "handed_back": Text("handed back at the end of the shift", "下班交回"),
    "passed_on": Text("handed on", "转手"),
    "pending": Text("pending, waits for the customer", "挂起，等待客户"),
    "pending_until": Text(
        "pending, waits for the customer until {until}", "挂起，等待客户至 {until}"
    ),
    "unfinished": Text("not resolved yet", "尚未解决"),
    "through": Text(
        "{agent} is through with {ticket}, {value} after its end",
        "{agent} 做完 {ticket} 的后续工作，用时 {value}",
    ),
    "goes_home": Text(
        "{agent} is through with {ticket} and goes, {value} overtime",
        "{agent} 做完 {ticket} 离开，加班 {value}",
    ),
    "leaves": Text("{agent} is off the queue until {until}", "{agent} 离队至 {until}"),
    "returns": Text("{agent} is back on the queue", "{agent} 归队"),
    "starts": Text("{agent} starts ({team})", "{agent} 上班（{team}）"),
    "stops": Text("{agent}'s shift ends", "{agent} 班次结束"),
    "stops_busy": Text(
        "{agent}'s shift ends; still to finish: {at_hand}",
        "{agent} 班次结束，先做完 {at_hand}",
    ),
    "gives_up": Text("{ticket} gives up", "{ticket} 放弃"),
    "survey": Text(
        "the customer of {ticket} answers the survey: {value}",
        "{ticket} 的客户答复满意度调查：{value} 分",
    ),
}
DAYS = Text("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日")
UNITS = (
    (86400, Text("{n} d", "{n} 天")), (3600, Text("{n} h", "{n} 小时")),
    (60, Text("{n} min", "{n} 分")), (1, Text("{n} s", "{n} 秒")),
)  # fmt: skip


def trace(
    log: ContactLog, lang: str = "en", start: float | None = None, end: float | None = None
) -> list[str]:
    """Return the trace of a simulated log as lines of text.

    Parameters
    ----------
    log : ContactLog
        One replication (see `svcsim.engine.trace.events`).
    lang : str
        ``en`` or ``zh``.
    start, end : float, optional
        Only events in ``[start, end)``, epoch seconds; the state still counts all before.
    """
    first = log.start if start is None else start
    last = log.observed_until if end is None else end
    return list(_Teller(log, lang).lines(first, last))


class _Teller:
    """Says what happened to one desk in one language."""

    def __init__(self, log: ContactLog, lang: str) -> None:
        self.log, self.lang, self.zone = log, lang, ZoneInfo(log.timezone)
        frame = log.frame
        self.tickets: list[str] = frame["ticket_id"].tolist()
        parts = (frame["channel"], frame["category"], frame["difficulty"], frame["priority"])
        self.about = [
            listed([Text.same(p) for p in part if isinstance(p, str)], (", ", "，"))
            for part in zip(*parts, strict=True)
        ]
        self.cases: list[str] = frame["case_id"].tolist()
        numbers = zip(self.cases, frame["contact_no"], strict=True)
        rows = {number: row for row, number in enumerate(numbers)}
        self.before = {row: rows.get((case, no - 1)) for (case, no), row in rows.items()}

    def lines(self, start: float, end: float) -> Iterator[str]:
        """Yield the heading, then a heading for each day and a line for each event."""
        told = events(self.log)
        floor, teams = self._floor(told)
        yield self._say(
            "title", n=f"{self.log.frame['replication'].iloc[:1].sum():g}",
            start=self._day(start), end=self._day(end), zone=self.log.timezone,
        )  # fmt: skip
        yield self._say("key")
        if at_once(told):
            yield self._say("several")
        unknown = sum(e.what == "takes" and e.value != e.value for e in told)
        if unknown:
            yield self._say("unknown", n=unknown)
        if self.log.off is None:
            yield self._say("no_off")
        wide = [max(7, _width(team)) for team in teams]
        padded = (team + " " * (w - _width(team)) for team, w in zip(teams, wide, strict=True))
        heads = "  ".join(padded)
        day = ""
        for event in told:
            floor.apply(event)
            if not start <= event.time < end:
                continue
            when = self._local(event.time)
            if (today := self._date(when)) != day:
                yield from ("", today, f"{'':<10}{heads}  ({self._say('columns')})")
                day = today
            state = "  ".join(
                f"{f'{n}/{free}':<{w}}"
                for (n, free), w in zip(floor.queues(teams), wide, strict=True)
            )
            yield f"{when:%H:%M:%S}  {state}  {self.sentence(event, floor).in_(self.lang)}"
        if not day:
            yield from ("", self._say("nothing"))

    def _floor(self, told: list[Event]) -> tuple[Floor, list[str]]:
        """Return the empty floor and the teams, in order of name."""
        staffed = self.log.staffed
        home: dict[str, str] = {e.agent: e.team for e in told if e.kind == TAKE}
        if staffed is not None:
            home |= dict(zip(staffed["agent"], staffed["team"], strict=True))
        teams = {*home.values(), *(e.team for e in told if e.team)}
        return Floor(home), sorted(teams)

    def sentence(self, event: Event, floor: Floor) -> Text:
        """Return what happened in one event, on the floor as it is after it."""
        row = event.row
        before = self.before.get(row)
        score = f"{event.value:g}" if event.what == "survey" else ""
        # a contact that history tells of has no row, if nothing but its repeat is simulated
        old = event.what == "repeats" and before is None
        at_hand = floor.at_hand.get(event.agent, [])
        out = WORDS["repeats_old" if old else event.what].fill(
            ticket=Text.same(self.tickets[row]) if row >= 0 else "",
            about=self.about[row] if row >= 0 else "",
            before=Text.same(self.tickets[before]) if before is not None else "",
            case=Text.same(self.cases[row]) if row >= 0 else "",
            at_hand=self._named(at_hand),
            agent=Text.same(event.agent),
            team=Text.same(event.team),
            value=Text.same(score) if score else _length(event.value),
            until=self._clock(event.until, event.time),
            outcome=self._outcome(event),
        )
        if event.kind in (TAKE, GONE) and event.value == event.value:
            after = WORDS["after"].fill(value=_length(event.value))
            out = _then(out, after if event.value > 0 else WORDS["at_once"])
        elif event.joins:
            out = _then(out, WORDS["waits"].fill(team=Text.same(event.team)))
        if event.kind == TAKE and len(at_hand) > 1:
            out = _then(out, WORDS["beside"].fill(others=self._named(at_hand[:-1])))
        elif event.frees and at_hand:
            out = _then(
                out,
                WORDS["still_has"].fill(agent=Text.same(event.agent), others=self._named(at_hand)),
            )
        return out

    def _named(self, rows: list[int]) -> Text:
        return listed([Text.same(self.tickets[row]) for row in rows], (", ", "、"))

    def _outcome(self, event: Event) -> Text:
        if event.outcome == "pending" and event.until == event.until:
            return WORDS["pending_until"].fill(until=self._clock(event.until, event.time))
        return WORDS[event.outcome] if event.outcome else Text("")

    def _say(self, word: str, **values: object) -> str:
        text = WORDS[word]
        return (text.fill(**values) if values else text).in_(self.lang)

    def _local(self, epoch: float) -> datetime:
        return datetime.fromtimestamp(epoch, self.zone)

    def _date(self, when: datetime) -> str:
        return f"{DAYS.in_(self.lang).split()[when.weekday()]} {when:%Y-%m-%d}"

    def _day(self, epoch: float) -> Text:
        return Text.same(f"{self._date(self._local(epoch))} {self._local(epoch):%H:%M}")

    def _clock(self, epoch: float, now: float) -> Text:
        """Return a time of day; with the weekday on another day, with the date in another week."""
        if epoch != epoch:
            return Text("")
        when, at = self._local(epoch), self._local(now)
        if when.date() == at.date():
            return Text.same(f"{when:%H:%M}")
        near = abs((when.date() - at.date()).days) < 7
        date = "" if near else f" {when:%Y-%m-%d}"
        en, zh = (names.split()[when.weekday()] for names in (DAYS.en, DAYS.zh))
        return Text(f"{en}{date} {when:%H:%M}", f"{zh}{date} {when:%H:%M}")


def _length(seconds: float) -> Text:
    """Return a duration in its two largest units: ``11 min 25 s``."""
    if seconds != seconds:
        return Text("")
    left, parts = round(seconds), []
    for size, text in UNITS:
        n, left = divmod(left, size)
        if n:
            parts.append((size, text.fill(n=n)))
    kept = [text for size, text in parts if size * 3600 >= parts[0][0]][:2]
    return listed(kept or [UNITS[-1][1].fill(n=0)], (" ", " "))


def _then(one: Text, two: Text) -> Text:
    return Text(one.en + two.en, one.zh + two.zh)


def _width(text: str) -> int:
    """Return terminal columns: East Asian wide characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
