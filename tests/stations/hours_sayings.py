"""Texts about opening hours with what their writer may have meant; knows nothing of the reader.

Every text is built from a meaning. Where two writers with two meanings would write the same text,
it has both, and nobody can be certain of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

type Spans = tuple[tuple[int, int], ...]
type Week = Mapping[int, Spans]
type Minutes = np.ndarray[tuple[int], np.dtype[np.bool_]]
type Saying = tuple[str, Meant]

DAY = 1440
WEEKS = tuple(date.fromisoformat(day) for day in ("2026-07-06", "2026-10-05", "2026-11-02"))
"""Mondays: a summer week, one of holidays with a make-up Saturday, an ordinary one."""
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
MAKE_UP = {date(2026, 10, 10), date(2026, 9, 20)}
SUNDAY = 6


@dataclass(frozen=True)
class Meant:
    """What a writer means."""

    week: Week
    winter: Week | None = None
    """From November to April, where that is different."""
    holiday: Spans | None = None
    """None: nothing is said of holidays, and they are as Sundays are."""
    usual: bool = False
    """Holidays make no difference, nor do make-up days."""
    cut: bool = False
    """The night before a holiday ends at midnight."""

    def spans(self, day: date) -> Spans | None:
        """Return the hours of a date; None: make-up days may be like any weekday."""
        week = self.week if self.winter is None or 5 <= day.month <= 10 else self.winter
        if day in HOLIDAYS and not self.usual:
            return week.get(SUNDAY, ()) if self.holiday is None else self.holiday
        if day in MAKE_UP and not self.usual:
            working = {week.get(each, ()) for each in range(5)}
            return working.pop() if len(working) == 1 else None
        return week.get(day.weekday(), ())

    def minutes(self) -> tuple[Minutes, Minutes]:
        """Return for every minute of the weeks: is it open, and is that said."""
        found = [self._day(monday + timedelta(step)) for monday in WEEKS for step in range(7)]
        return np.concatenate([each[0] for each in found]), np.concatenate(
            [each[1] for each in found]
        )

    def _day(self, day: date) -> tuple[Minutes, Minutes]:
        eve, today = self.spans(day - timedelta(1)), self.spans(day)
        still = np.zeros(DAY, dtype=bool)
        if eve is None or today is None:
            return still, still
        for start, end in today:
            still[start : min(end, DAY)] = True
        for _, end in () if self.cut and day in HOLIDAYS else eve:
            still[: max(end - DAY, 0)] = True
        return still, np.ones(DAY, dtype=bool)


def at(*clock: float) -> Spans:
    """Return spans from hours: ``at(8.5, 12, 14, 18)``."""
    minutes = [round(hour * 60) for hour in clock]
    return tuple(zip(minutes[::2], minutes[1::2], strict=True))


HOURS = {
    "8:00-18:00": at(8, 18),
    "9:00-17:00": at(9, 17),
    "8:30-12:00，14:30-18:00": at(8.5, 12, 14.5, 18),
    "20:00-次日6:00": at(20, 30),
}
WEEK = range(7)
GROUPS = {
    "周一至周五": {0, 1, 2, 3, 4},
    "工作日": {0, 1, 2, 3, 4},
    "周一至周六": {0, 1, 2, 3, 4, 5},
    "周二至周日": {1, 2, 3, 4, 5, 6},
    "周一、周三、周五": {0, 2, 4},
    "周一，周三，周五": {0, 2, 4},
    "每天": set(WEEK),
    "周六": {5},
    "周六日": {5, 6},
}
FEW = {
    "周一": {0},
    "周日": {6},
    "周末": {5, 6},
    "周六、周日": {5, 6},
    "周六，周日": {5, 6},
    "周二，周四": {1, 3},
}
SEPARATORS = ("，", "；", " ")
HOLIDAY = "节假日"


def filled(*parts: tuple[set[int], Spans]) -> dict[int, Spans]:
    """Return a week in which later parts replace earlier ones."""
    return {day: hours for days, hours in parts for day in sorted(days)}


def ordered(days: str, hours: str) -> Iterator[str]:
    """Write some days and their hours, either first."""
    for glue in ("", " ", "，"):
        yield f"{days}{glue}{hours}"
        yield f"{hours}{glue}{days}"
    yield f"{hours}（{days}）"


def closings(named: set[int]) -> Iterator[tuple[str, Spans | None]]:
    """Write that the days not named are closed, or holidays, or both; with what holidays have."""
    for word, days in FEW.items():
        if days == {*WEEK} - named:
            yield f"{word}休息", None
            yield f"{word}、{HOLIDAY}闭馆", ()
            yield f"{word}，{HOLIDAY}休息", ()
            yield f"{word}及{HOLIDAY}不开放", ()
    for word in ("休息", "除外"):
        yield f"{HOLIDAY}{word}", ()


def one_group() -> Iterator[Saying]:
    """Say some days, and what is closed: before them, behind or in brackets."""
    for (group, days), (hours, spans) in product(GROUPS.items(), HOURS.items()):
        week = filled((days, spans))
        for text in ordered(group, hours):
            if text == f"{hours}，{group}" and not days >= {*range(5)}:
                yield from ((text, each) for each in (Meant(week), Meant({**week, 6: at(7, 8)})))
                continue
            if text.startswith(hours) and not days >= {*range(5)} and len(spans) > 1:
                yield text, Meant(filled((set(WEEK), spans[:1]), (days, spans)))
            yield text, Meant(week)
            for closing, holiday in closings(days):
                yield from shut(text, closing, Meant(week, holiday=holiday))
        yield f"{group}{hours}，{HOLIDAY}照常", Meant(week, usual=True)


def shut(text: str, closing: str, meant: Meant) -> Iterator[Saying]:
    """Say of what is open that something is closed."""
    night = meant.holiday is not None and any(
        end > DAY for spans in meant.week.values() for _, end in spans
    )
    for each in (meant, replace(meant, cut=True)) if night else (meant,):
        for separator in SEPARATORS:
            yield f"{text}{separator}{closing}", each
            yield f"{closing}{separator}{text}", each
        yield f"{text}（{closing}）", each
        if text.endswith("）"):
            yield f"{text[:-1]}，{closing}）", each


def two_groups() -> Iterator[Saying]:
    """Days of two kinds, in one order or each in its own, and what is closed."""
    others = {"9:00-12:00": at(9, 12), "10:00-16:00": at(10, 16), "18:00-次日2:00": at(18, 26)}
    pairs = [("周一至周五", "周六"), ("周一至周五", "周末"), ("周一至周六", "周日")]
    days = {**GROUPS, **FEW}
    for (one, two), hours, other in product(pairs, HOURS, others):
        week = filled((days[one], HOURS[hours]), (days[two], others[other]))
        first, second = list(ordered(one, hours)), list(ordered(two, other))
        for head, tail in chain(zip(first, second, strict=True), product(first[:2], second[:2])):
            for separator in SEPARATORS:
                text = f"{head}{separator}{tail}"
                yield text, Meant(week)
                for closing, holiday in closings(days[one] | days[two]):
                    yield from shut(text, closing, Meant(week, holiday=holiday))


def every_day_but() -> Iterator[Saying]:
    """Hours of every day, some days closed or with hours of their own."""
    for (hours, spans), (few, days) in product(HOURS.items(), FEW.items()):
        open_days = {*WEEK} - days
        for closed in (f"{few}休息", f"{few}闭馆", f"{few}除外"):
            yield from shut(hours, closed, Meant(filled((open_days, spans))))
        yield f"除{few}外，{hours}", Meant(filled((open_days, spans)))
        yield f"每天{hours}（除{few}外）", Meant(filled((open_days, spans)))
        yield f"{few}及{HOLIDAY}休息，{hours}", Meant(filled((open_days, spans)), holiday=())
        for other, its in (("10:00-16:00", at(10, 16)), ("14:30-17:00", at(14.5, 17))):
            meant = [filled((set(WEEK), spans), (days, its))]
            if sum(
                start < end2 and start2 < end for start, end in spans for start2, end2 in its
            ) < len(spans):
                meant.append(filled((set(WEEK), spans), (days, (*spans[:1], *its))))
            for text in (
                f"{hours}，{few}{other}",
                f"{hours}；{few}{other}",
                f"{hours}（{few}{other}）",
            ):
                yield from ((text, Meant(week)) for week in meant)


def breaks() -> Iterator[Saying]:
    """Say a break of one group of days, or of both."""
    for word in ("12:00-14:00休息", "午休12:00-14:00", "中午12:00-14:00不开放"):
        for text in ordered("周一至周五", "8:00-18:00"):
            week = filled(({*range(5)}, at(8, 12, 14, 18)))
            if "，" not in text:
                yield f"{text}，{word}", Meant(week)
                yield f"{text}，{word}，{HOLIDAY}休息", Meant(week, holiday=())
        for first, separator in product((True, False), SEPARATORS):
            head, tail = "周一至周五8:00-18:00", f"{separator}周六{{}}"
            for hours, its, cut in (
                ("9:00-17:00", at(9, 17), at(9, 12, 14, 17)),
                ("9:00-12:00", at(9, 12), at(9, 12)),
            ):
                both = Meant(filled(({*range(5)}, at(8, 12, 14, 18)), ({5}, cut)))
                only_first = Meant(filled(({*range(5)}, at(8, 12, 14, 18)), ({5}, its)))
                only_last = Meant(filled(({*range(5)}, at(8, 18)), ({5}, cut)))
                after = tail.format(hours)
                if first:
                    yield f"{head}，{word}{after}", only_first
                    yield f"{head}，{word}{after}", both
                    yield f"{head}（{word}）{after}", only_first
                else:
                    for text in (f"{head}{after}，{word}", f"{head}{after}（{word}）"):
                        yield from ((text, each) for each in (both, only_last))


def exceptions() -> Iterator[Saying]:
    """Say that a day is closed, but not on a holiday; or that holidays are closed too."""
    week = filled(({*range(1, 7)}, at(9, 17)))
    shut_too, open_then = Meant(week, holiday=()), Meant(week, holiday=at(9, 17))
    for closed, hours in product(
        ("周一闭馆", "每周一休息"), ("周二至周日9:00-17:00", "9:00-17:00")
    ):
        for tail in (f"（法定{HOLIDAY}除外）", f"，{HOLIDAY}除外", f"，除{HOLIDAY}外"):
            for text in (
                f"{hours}，{closed}{tail}",
                f"{closed}{tail}，{hours}",
                f"{hours}（{closed}{tail}）",
            ):
                yield from ((text, each) for each in (shut_too, open_then))
        for tail in (f"（{HOLIDAY}照常开放）", f"，{HOLIDAY}照常"):
            yield from (
                (f"{hours}，{closed}{tail}", each) for each in (open_then, Meant(week, usual=True))
            )


def seasons() -> Iterator[Saying]:
    """Two seasons, and something said behind them that may be of the last one only."""
    whole, summer, winter = set(WEEK), at(8, 20), at(8.5, 18)
    for s, w in (("5-10月", "11-4月"), ("5月1日-10月31日", "11月1日-次年4月30日")):
        for head in (
            f"{s}8:00-20:00，{w}8:30-18:00",
            f"夏季（{s}）：8:00-20:00；冬季（{w}）：8:30-18:00",
        ):
            plain = Meant(filled((whole, summer)), filled((whole, winter)))
            yield head, plain
            for few, days in FEW.items():
                left = whole - days
                every = Meant(filled((left, summer)), filled((left, winter)))
                yield f"{few}休息；{head}", every
                for text in (f"{head}，{few}休息", f"{head}（{few}闭馆）", f"{head}；{few}除外"):
                    yield text, every
                    yield text, Meant(filled((whole, summer)), filled((left, winter)))
            for text in (f"{head}，12:00-14:00休息", f"{head}，周六9:00-12:00"):
                noon = "休息" in text
                cut = at(8.5, 12, 14, 18) if noon else winter
                last = filled((whole, cut)) if noon else filled((whole, cut), ({5}, at(9, 12)))
                both = (
                    filled((whole, at(8, 12, 14, 20)))
                    if noon
                    else filled((whole, summer), ({5}, at(9, 12)))
                )
                yield text, Meant(filled((whole, summer)), last)
                yield text, Meant(both, last)
            yield f"{head}，{HOLIDAY}休息", replace(plain, holiday=())
            yield f"{head}，{HOLIDAY}休息", plain
        for hours, other, its, others in (
            ("20:00-次日6:00", "21:00-次日5:00", at(20, 30), at(21, 29)),
            ("8:00-18:00", "9:00-17:00", at(8, 18), at(9, 17)),
        ):
            yield f"{hours}；{w}{other}", Meant(filled((whole, its)), filled((whole, others)))
        behind = Meant(filled((whole, summer)), filled((whole, winter)))
        yield f"8:00-20:00（{s}），8:30-18:00（{w}）", behind
        yield f"8:00-20:00 {s}，8:30-18:00 {w}", behind
        for text in (
            f"8:00-20:00（{s}），8:30-18:00",
            f"8:00-20:00 {s}，8:30-18:00",
            f"8:00-20:00，{s}，8:30-18:00",
        ):
            yield text, behind
            yield text, Meant(behind.winter or {}, filled((whole, summer)))


def further() -> Iterator[Saying]:
    """Hours at the end: of the last days, or of all of them."""
    for separator, last in product(SEPARATORS, ("，", "；")):
        text = f"周一至周五8:30-12:00{separator}周六9:00-12:00{last}14:00-17:00"
        more = at(9, 12, 14, 17)
        yield text, Meant(filled(({*range(5)}, at(8.5, 12)), ({5}, more)))
        if separator != "；" or last == "；":
            yield text, Meant(filled(({*range(5)}, at(8.5, 12, 14, 17)), ({5}, more)))


def of_one_only() -> Iterator[Saying]:
    """Something said in the middle: of the days before it, or of what is open as a whole."""
    work, end = {*range(5)}, {5, 6}
    for closed in (f"{HOLIDAY}休息", f"{HOLIDAY}除外", f"法定{HOLIDAY}闭馆"):
        text = f"周一至周五9:00-17:00（{closed}），周末10:00-16:00"
        week = filled((work, at(9, 17)), (end, at(10, 16)))
        for meant in (Meant(week), Meant(week, holiday=())):
            yield text, meant
            yield f"周一至周五（{closed}）9:00-17:00，周末10:00-16:00", meant
    for few, days in FEW.items():
        rest = {*WEEK} - days
        short = Meant(filled(({*WEEK}, at(9, 12, 14, 17)), (days, at(9, 12))))
        free = Meant(filled((rest, at(9, 12, 14, 17))))
        yield f"9:00-12:00，{few}休息14:00-17:00", short
        yield f"9:00-12:00，{few}休息14:00-17:00", free
        yield f"{few}休息14:00-17:00", Meant(filled((rest, at(14, 17))))
        yield f"{few}休息14:00-17:00", Meant({})
        open_then = Meant(filled(({*WEEK}, at(9, 18)), (days, at(9, 12, 14, 18))))
        yield f"9:00-18:00，{few}12:00-14:00休息", open_then
        yield f"{few}12:00-14:00休息，9:00-18:00", open_then
        yield f"9:00-18:00，{few}休息，12:00-14:00休息", Meant(filled((rest, at(9, 12, 14, 18))))


def english() -> Iterator[Saying]:
    """Say the same in English, where days also stand behind the word for closed."""
    days = {"Mon-Fri": {*range(5)}, "Monday to Saturday": {*range(6)}, "Tue-Sun": {*range(1, 7)}}
    few = {"Sunday": {6}, "Mondays": {0}, "Sat, Sun": {5, 6}, "weekends": {5, 6}, "Saturday": {5}}
    for (group, some), (rest, closed) in product(days.items(), few.items()):
        if some & closed:
            continue
        for holidays in ("", " and public holidays"):
            meant = Meant(filled((some, at(9, 17))), holiday=() if holidays else None)
            for text in (f"{group} 9am-5pm", f"9am-5pm {group}", f"{group}: 9am to 5pm"):
                for gap in (", ", "; ", ". ", " "):
                    yield f"{text}{gap}closed {rest}{holidays}", meant
                    yield f"{text}{gap}{rest}{holidays} closed", meant
                    yield f"closed {rest}{holidays}{gap}{text}", meant
                yield f"{text} (closed {rest}{holidays})", meant
    for (rest, closed), word in product(few.items(), ("closed", "except", "excluding")):
        meant = Meant(filled(({*WEEK} - closed, at(9, 17))))
        yield f"9am-5pm, {word} {rest}", meant
        yield f"daily 9am-5pm ({word} {rest})", meant
        yield f"9am-5pm daily {word} {rest}", meant
        for also in (replace(meant, holiday=at(9, 17)), replace(meant, holiday=())):
            yield f"9am-5pm, closed {rest} except public holidays", also
            yield f"closed {rest}, except public holidays, 9am-5pm", also


def evenings() -> Iterator[Saying]:
    """Say the evening at the start only: the end may lie in the small hours."""
    for start, end, spans in (
        ("10:00", "6:00", at(22, 30)),
        ("11点", "5点", at(23, 29)),
        ("9点", "7点", at(21, 31)),
        ("8:00", "10:30", at(20, 22.5)),
    ):
        for mark, days in product(("晚上", "晚", "夜间"), ("每天", "周一至周五", "周六日")):
            for text in ordered(days, f"{mark}{start}-{end}"):
                doubt = text.endswith(f"，{days}") and days == "周六日"
                for also in (set(WEEK),) if doubt else ():
                    yield text, Meant(filled((also, spans)))
                yield text, Meant(filled((GROUPS[days], spans)))


def half_clocks() -> Iterator[Saying]:
    """Say an afternoon that begins by a clock of 24 hours and ends by one of 12."""
    starts = {"13:00": 13, "14:30": 14.5, "15:00": 15}
    ends = {"5:00": 5, "5:30": 5.5, "6:00": 6}
    for (start, since), (end, until) in product(starts.items(), ends.items()):
        clock = f"{start}-{end}"
        for last in (until + 12, until + 24):
            yield clock, Meant(filled((set(WEEK), at(since, last))))
            both = at(8.5, 12, since, last)
            yield f"8:30-12:00，{clock}", Meant(filled((set(WEEK), both)))
            yield f"周一至周五8:30-12:00，{clock}", Meant(filled(({*range(5)}, both)))


def counted_days() -> Iterator[Saying]:
    """Say how many days a week, and not which."""
    for count, (digit, sign) in enumerate(zip("123456", "一二三四五六", strict=True), start=1):
        for number, day, (hours, spans) in product((digit, sign), "天日", HOURS.items()):
            if number + day == "六日":
                continue
            for text in ordered(f"每周{number}{day}", hours):
                yield text, Meant(filled(({*range(count)}, spans)))
                yield text, Meant(filled(({*range(7 - count, 7)}, spans)))


def half_seasons() -> Iterator[Saying]:
    """Say half a day of a season beside hours of the year: all of the day, or half of it."""
    for season, (base, spans), (half, its) in product(
        ("11-4月", "冬季（11-4月）"),
        (("8:00-12:00，14:00-17:30", at(8, 12, 14, 17.5)), ("8:00-12:00", at(8, 12))),
        (("13:30-17:00", at(13.5, 17)), ("下午13:30-18:00", at(13.5, 18))),
    ):
        year = filled((set(WEEK), spans))
        for text in (
            f"{base}，{season}{half}",
            f"{base}；{season}{half}",
            f"{base}（{season}{half}）",
        ):
            for winter in (its, (*spans[:1], *its)):
                yield text, Meant(year, filled((set(WEEK), winter)))


def open_too() -> Iterator[Saying]:
    """Say that some days are open, without hours of their own: they too, or only they."""
    for (hours, spans), (few, days) in product(HOURS.items(), FEW.items()):
        for text in (
            f"{hours}（{few}开放）",
            f"{hours} {few}开放",
            f"{hours}，{few}营业",
            f"{few}开放，{hours}",
        ):
            for each in (days, set(WEEK)):
                yield text, Meant(filled((each, spans)))
        yield f"{few}开放{hours}", Meant(filled((days, spans)))
    for usual in ("照常", "无休", "不休息"):
        for text in (
            f"周一至周五8:00-18:00，周末及{HOLIDAY}{usual}",
            f"周末、{HOLIDAY}{usual}，周一至周五8:00-18:00",
        ):
            yield text, Meant(filled((set(WEEK), at(8, 18))), usual=True)
            yield text, Meant(filled((set(WEEK), at(8, 18))), holiday=at(8, 18))
    for word in ("全天", "全日"):
        for other in (at(0, 24), at(8, 18)):
            week = filled(({*range(4)}, at(8, 12)), ({4}, other))
            yield f"周一至周四8:00-12:00，周五{word}", Meant(week)
            yield f"周五{word}，周一至周四上午8:00-12:00", Meant(week)


def sayings() -> dict[str, list[Meant]]:
    """Return every text with all it may mean."""
    found: dict[str, list[Meant]] = {}
    makers = (
        one_group,
        two_groups,
        every_day_but,
        breaks,
        exceptions,
        seasons,
        further,
        of_one_only,
        english,
        evenings,
        half_clocks,
        counted_days,
        half_seasons,
        open_too,
    )
    for text, meant in chain.from_iterable(make() for make in makers):
        known = found.setdefault(text, [])
        if meant not in known:
            known.append(meant)
    return found
