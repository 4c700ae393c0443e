"""What clerks write, against tables checked by hand: nothing is understood wrongly."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date, datetime
from typing import TYPE_CHECKING

import opening_hours
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.hours import (
    HoursError,
    NotUnderstood,
    Posted,
    State,
    Understood,
    parse,
    state_at,
    understand,
)
from stations.hours.clock import ZONE
from stations.hours.posted import line_of

if TYPE_CHECKING:
    from pathlib import Path

TYPED = [
    ("周一至周五8:30-12:00，14:30-18:00，节假日休息", "Mo-Fr 08:30-12:00,14:30-18:00; PH off"),
    ("全天", "24/7"),
    ("24小时", "24/7"),
    ("早8点到晚10点", "08:00-22:00"),
    ("06:00~24:30", "06:00-00:30"),
    ("8am-dusk", "08:00-dusk"),
    ("9:00—17:00（周末休息）", "Mo-Fr 09:00-17:00"),
    ("工作日9:00-17:00", "Mo-Fr 09:00-17:00"),
    ("夏季8:00-18:00，冬季8:30-17:30", None),
    (
        "夏季（5月1日-9月30日）8:00-18:00，冬季（10月1日-次年4月30日）8:30-17:30",
        "May 1-Sep 30 08:00-18:00; Oct 1-Apr 30 08:30-17:30",
    ),
    ("Monday to Friday: 8:30am - 6pm", "Mo-Fr 08:30-18:00"),
    ("Sunday to Thursday 10am to 6pm, Friday..Closed", "Su-Th 10:00-18:00"),
    ("週一至週五 9:00至17:00", "Mo-Fr 09:00-17:00"),
    ("每天8点半到17点30分", "08:30-17:30"),
    ("全天24小时开放", "24/7"),
    ("每日08：00－22：00", "08:00-22:00"),
    ("早九晚五", "09:00-17:00"),
    ("上午8:30-12:00，下午2:30-6:00", "08:30-12:00,14:30-18:00"),
    (
        "周一至周五上午9:00-12:00,下午1:30-5:00;周六9:00-12:00",
        "Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00",
    ),
    ("周二至周日9:00-17:00（周一闭馆）", "Tu-Su 09:00-17:00"),
    ("周二至周日（周一闭馆）9:00-17:00", "Tu-Su 09:00-17:00"),
    ("除周一外每天9:00-17:00", "Tu-Su 09:00-17:00"),
    ("9:00-18:00（午休12:00-14:00）", "09:00-12:00,14:00-18:00"),
    ("9:00-18:00，12:00-14:00休息", "09:00-12:00,14:00-18:00"),
    ("18:00-次日6:00", "18:00-06:00"),
    ("20:00-6:00", "20:00-6:00"),
    ("8:00-6:00", None),
    ("2:30-6:00", None),
    ("10:00-9:00", None),
    ("晚上8点-凌晨2点", "20:00-02:00"),
    ("夜间22:00-6:00", "22:00-06:00"),
    ("7*24小时", "24/7"),
    ("周一、三、五 9:00-17:00", "Mo,We,Fr 09:00-17:00"),
    ("周六日 10:00-16:00", "Sa-Su 10:00-16:00"),
    ("周一至五8:30-17:30", "Mo-Fr 08:30-17:30"),
    ("周日至周四 9:00-21:00，周五周六9:00-22:00", "Su-Th 09:00-21:00; Fr-Sa 09:00-22:00"),
    ("每天8:00-20:00，节假日照常", "08:00-20:00 [weekdays]"),
    ("周一至周五 9:00-17:00，全年无休", None),
    ("8-20点", "08:00-20:00"),
    ("法定节假日除外，周一至周五9:00-17:30", "Mo-Fr 09:00-17:30; PH off"),
    ("5月-9月 8:00-19:00，10月-次年4月 8:30-18:00", "May-Sep 08:00-19:00; Oct-Apr 08:30-18:00"),
    ("周一至周五 8:00-18:00，夏季(6月-8月) 7:00-19:00", None),
    ("8:30-12:00，2:30-6:00", None),
    ("周一至周五8:30-5:30", None),
    ("周一至周五9:00-12:00，周三14:00-17:00", None),
    ("随叫随到", None),
    ("周一至周五", None),
    ("9:00", None),
    ("25:00-26:00", None),
    ("25:99", None),
    ("9:00-17:00 周一至周五", "Mo-Fr 09:00-17:00"),
    ("9:00-17:00（周一至周五），10:00-16:00（周末）", "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00"),
    ("9:00-17:00，周日", None),
    ("春节休息", None),
    ("8:00-20:00（疫情期间以公告为准）", None),
    ("2024", None),
    ("2020-2021", None),
    ("0630-2200", "06:30-22:00"),
    (
        "周一至周四9:00-17:00，周五9:00-16:00，周末及节假日休息",
        "Mo-Th 09:00-17:00; Fr 09:00-16:00; PH off",
    ),
    ("上午九点至下午五点半", "09:00-17:30"),
    ("周一至周五 8.30-17.30", None),
    ("暂停开放", None),
    ("每天8:00-20:00，1月1日休息", "08:00-20:00; Jan 1 off"),
    ("Christmas Day 10am-2pm, Monday to Friday 9am-5pm", "Mo-Fr 09:00-17:00; Dec 25 10:00-14:00"),
    ("9:00-5:00pm", None),
    ("9-5pm", None),
    ("noon-midnight", "12:00-24:00"),
    ("<script>alert(1)</script>", None),
    (
        "周一至周五8:00-18:00，中午12:00-14:00休息，周六9:00-12:00",
        "Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00",
    ),
]
"""Text → expression, with its calendar where that is not ``workdays``; None: a doubt stays."""

WEEKDAYS_ONLY, WEEKENDS_TOO = "Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00; PH off"
AUDITED = [
    # Days behind their hours, then more days.
    ("8:00-18:00 周一至周六，周日休息", "Mo-Sa 08:00-18:00"),
    ("9:00-17:00（周一至周五，周末休息）", WEEKDAYS_ONLY),
    ("8:00-20:00 每天，周日休息", "Mo-Sa 08:00-20:00"),
    ("24小时 周一至周五，周末休息", "Mo-Fr 00:00-24:00"),
    ("9:00-17:00 周一至周五；周末不开放", WEEKDAYS_ONLY),
    ("8:30-17:30 周一、周二、周三、周四、周五，周六、周日闭馆", "Mo-Fr 08:30-17:30"),
    ("上午8点到下午6点 周二至周日，周一闭馆", "Tu-Su 08:00-18:00"),
    ("周一至周五，周末休息，8:30-17:30", "Mo-Fr 08:30-17:30"),
    ("8am-6pm Mon-Sat, Sun closed", "Mo-Sa 08:00-18:00"),
    ("9am-5pm Mon-Fri; Sat closed", WEEKDAYS_ONLY),
    ("9am-5pm Mon-Fri, closed Sat and Sun", WEEKDAYS_ONLY),
    ("9:00-17:00 周一至周五，周末及节假日休息", WEEKENDS_TOO),
    ("7:00-19:00 每天 节假日除外", "07:00-19:00; PH off"),
    ("9:00-17:00 工作日，节假日休息", WEEKENDS_TOO),
    ("9:00-17:00 工作日 节假日休息", WEEKENDS_TOO),
    ("9:00-17:00，周一至周五，节假日除外", WEEKENDS_TOO),
    ("8:00-18:00，周一至周五；周六9:00-12:00", "Mo-Fr 08:00-18:00; Sa 09:00-12:00"),
    ("9:00-17:00 周一至周五，9:00-12:00 周六", "Mo-Fr 09:00-17:00; Sa 09:00-12:00"),
    ("9:00-17:00 周六，周日休息", None),
    ("9:00-17:00 周二、周四，周日休息", None),
    ("9:00-17:00 周末，节假日休息", None),
    ("8:00-18:00 周一至周四 10:00-16:00", None),
    ("8:00-12:00，14:00-18:00 周三", None),
    # Behind two seasons.
    ("夏季（5-9月）8:00-20:00，冬季（10-4月）8:30-18:00，周末休息", None),
    ("5月1日-9月30日 8:00-20:00；10月1日-4月30日 8:00-18:00，节假日休息", None),
    ("5月至10月：8:00-20:00；11月至次年4月：8:30-19:00；周一闭馆", None),
    ("夏季（5-9月）8:00-20:00，冬季（10-4月）8:30-18:00，午休12:00-14:00", None),
    ("5-10月8:00-20:00，周末9:00-17:00，11-4月8:30-18:00", None),
    (
        "周一闭馆；5-10月9:00-18:00；11-4月9:00-17:00",
        "May-Oct Tu-Su 09:00-18:00; Nov-Apr Tu-Su 09:00-17:00",
    ),
    ("8:00-19:00（5-9月），8:30-18:00", None),
    ("5-10月8:00-20:00；10-4月8:30-18:00", None),
    ("20:00-6:00；7-8月21:00-5:00", None),
    # A break behind several days.
    ("周一至周五8:30-17:30，周六9:00-17:00，中午12:00-14:00休息", None),
    ("周一至周五8:30-17:30，周六日9:00-17:00，午休12:00-14:00", None),
    ("周一至周五9:00-18:00，周末10:00-16:00，12:00-13:00休息", None),
    ("周六8:30-17:00，周一至周五8:30-17:30，12:00-13:00不开放", None),
    ("周一至周五8:30-17:30；周末9:00-16:30（午休12:00-13:30）", None),
    (
        "周一至周五9:00-17:00（12:00-13:00午休）周六9:00-16:00",
        "Mo-Fr 09:00-12:00,13:00-17:00; Sa 09:00-16:00",
    ),
    ("9:00-18:00，周三12:00-14:00休息", None),
    ("9:00-12:00，周三休息14:00-17:00", None),
    ("周一至周五8:30-12:00，周六9:00-12:00，14:00-17:00", None),
    # Left out of being closed, or of being open.
    ("周二至周日9:00-17:00，周一闭馆（法定节假日除外）", None),
    ("每周一闭馆（法定节假日除外），周二至周日9:00-17:00", None),
    ("9:00-17:00（周一闭馆，国家法定节假日除外）", None),
    ("周二至周日9:00-17:00（周一闭馆，法定节假日除外）", None),
    ("周末休息（法定节假日除外） 8:30-17:30", None),
    ("9:00~17:00 (Closed on Mondays except public holidays)", None),
    ("除节假日外，周一闭馆，9:00-17:00", None),
    ("周二至周日9:00-17:00，周一闭馆（节假日照常开放）", None),
    ("9:00-17:00，节假日除外，周日休息", "Mo-Sa 09:00-17:00; PH off"),
    ("周一至周五（节假日除外）9:00-17:00，周末10:00-16:00", None),
    # Usual hours.
    ("正常营业时间：周一至周五9:00-17:00", WEEKDAYS_ONLY),
    ("正常开放时间：工作日9:00-17:00", WEEKDAYS_ONLY),
    ("照常营业 周一至周五9:00-17:00", None),
    ("工作日9:00-17:00，节假日照常", None),
    ("节假日照常营业9:00-16:00", None),
    # Nights.
    ("夜间20:00-次日6:00（法定节假日除外）", None),
    ("20:00-6:00，周日休息", "Mo-Sa 20:00-06:00"),
    ("周一至周日6:00-次日1:00，周三休息", "Th-Tu 06:00-01:00"),
    ("20:00-6:00，1月1日休息", None),
    ("周一至周日18:00-次日2:00，节假日18:00-24:00", None),
    ("周六、周日及节假日 24小时 工作日 18:00-8:00", "Mo-Fr 18:00-08:00, Sa-Su,PH 00:00-24:00"),
    # Other doubts.
    ("1月1日周日9:00-17:00", None),
    ("8:30-12:00 节假日，每天休息", None),
    ("5-10月12:00-14:00休息", None),
    ("5-10月9:00-17:00，5-10月休息", None),
    ("9:00-17:00，7-8月休息", "09:00-17:00; Jul-Aug off"),
    ("平日9:00-18:00，假日10:00-17:00", None),
    ("平日9:00-18:00，节假日10:00-17:00", None),
    ("假日休息 9:00-18:00", None),
    ("8:30-12:00，14:30-18:00（周五14:30-17:00）", None),
    ("周一至周五8:30-12:00，14:30-18:00（周五14:30-17:00）", None),
    ("周一至周六8:00-18:00，周末休息", None),
    ("8:00-12:00；周日休息；14:00-18:00", None),
    ("00:00-23:59", "00:00-24:00"),
    ("周一至周五 0:00-23:59", "Mo-Fr 00:00-24:00"),
    ("周一；周三；周五 9:00-17:00", None),
    ("周日休息（9:00-17:00）周一至周五", None),
    ("Mo-Fr 08:00-18:00, 12:00-13:00 off", "Mo-Fr 08:00-12:00,13:00-18:00"),
    # A later rule for a Sunday, or for every day, takes holidays and dates.
    ("节假日9:00-12:00，周二至周日9:00-18:00", "Tu-Su 09:00-18:00; PH 09:00-12:00"),
    ("1月1日10:00-12:00，每天8:00-18:00", "08:00-18:00; Jan 1 10:00-12:00"),
    # Plain.
    ("8:30-17:30（中午不休息）", "08:30-17:30"),
    ("8:30-12:00，14:00-17:30，中午不休息", None),
    ("上午8:30-12：00；下午14:00-17:30；周末休", "Mo-Fr 08:30-12:00,14:00-17:30"),
    ("365天24小时", "24/7 [weekdays]"),
    ("365天24小时，节假日休息", None),
    ("上午：8:00—12:00；下午：14:00-18:00", "08:00-12:00,14:00-18:00"),
    ("周一三五 9:00-17:00，周二四六 13:00-20:00", "Mo,We,Fr 09:00-17:00; Tu,Th,Sa 13:00-20:00"),
    ("周一五 9:00-17:00", None),
    ("AM8:30-PM5:30", "08:30-17:30"),
    ("AM8:30-12:00 PM2:00-5:30", None),
    ("5-10月8:00-20:00，11-4月8:30-18:00", "May-Oct 08:00-20:00; Nov-Apr 08:30-18:00"),
    ("每天，除周一，9:00-17:00", "Tu-Su 09:00-17:00"),
    # The evening.
    ("晚上10:00-6:00", "22:00-06:00"),
    ("夜间10:00-6:00", "22:00-06:00"),
    ("晚11点-5点", "23:00-05:00"),
    ("晚上9点到7点，周末休息", "Mo-Fr 21:00-07:00"),
    ("晚上8:00-5:00", "20:00-05:00"),
    ("晚8点至8点", "20:00-08:00"),
    ("晚上9点-12点", "21:00-24:00"),
    ("晚上6:00-10:00", "18:00-22:00"),
    ("下午5:00-下午2:00", None),
    ("12pm-12pm", None),
    ("8pm-6pm", None),
    ("10am-2am", "10:00-02:00"),
    # Days counted.
    ("每周6天8:00-18:00", None),
    ("每周五天8:00-18:00", None),
    ("每周七天9:00-17:00", "09:00-17:00"),
    ("每周7天 9:00-17:00", "09:00-17:00"),
    ("周7天 9:00-17:00", None),
    ("每周2天 9:00-17:00", None),
    ("每周一天 9:00-17:00", None),
    ("每周六天 9:00-17:00", None),
    ("周5日 9:00-17:00", None),
    ("周五、日 9:00-17:00", "Fr,Su 09:00-17:00"),
    # A season's half day.
    ("8:00-12:00，12月-2月13:30-17:30，3月-11月14:00-18:00", None),
    ("上午8:00-12:00，下午14:00-18:00（7-8月下午15:00-18:30）", None),
    ("8:00-12:00，14:30-17:30，7-9月15:00-18:00", None),
    ("8:00-11:30 14:00-17:30；冬季（12-2月）13:30-17:00", None),
    ("5-10月8:00-12:00，14:30-18:00；11-4月14:00-17:30", None),
    ("8:00-18:00，6-8月19:00-22:00", None),
    ("8:00-18:00，6-8月7:00-22:00", "08:00-18:00; Jun-Aug 07:00-22:00"),
    # Open, or as usual, without hours of their own.
    ("8:00-18:00（周末开放）", None),
    ("8:00-18:00 周末开放", None),
    ("周末开放，8:00-18:00", None),
    ("9am-5pm open weekends", None),
    ("9:00-17:00（周日开放）", None),
    ("9:00-17:00（法定节假日、周末开放）", None),
    ("周末开放：8:00-18:00", "Sa-Su 08:00-18:00"),
    ("open weekends 9am-5pm", "Sa-Su 09:00-17:00"),
    ("9:00-17:00（周二至周日开放）", "Tu-Su 09:00-17:00"),
    ("8:00-18:00开放 周日休息", "Mo-Sa 08:00-18:00"),
    ("周一至周五8:00-18:00，周末及节假日照常", None),
    ("周一至周五8:00-18:00，周末及节假日无休", None),
    ("周末、节假日不休息，周一至周五8:00-18:00", None),
    ("8:00-18:00，周末及节假日照常", "08:00-18:00 [weekdays]"),
    ("8:00-22:00，节假日不打烊", None),
    ("不打烊", None),
    ("24小时不打烊", "24/7"),
    ("周一至周四上午8:00-12:00，周五全天", None),
    ("周二全天，周三8:00-12:00", None),
    ("周五24小时，周一至周四8:00-12:00", "Fr 00:00-24:00; Mo-Th 08:00-12:00"),
    # Afternoons by a 12-hour clock.
    ("8:30-12:00，14:00-5:30", None),
    ("8:30-12:30，13:00-5:30", None),
    ("8：00-12：00，14：00-6：00", None),
    ("周一至周五13:00-5:00", None),
    ("14:00-6:00", None),
    ("Mo-Fr 8:00-12:00,14:00-6:00", None),
    ("12:00-10:00", None),
    ("14:00-06:00", "14:00-06:00"),
    # Days alone in an expression.
    ("9:00-17:00, Mo-Fr", "Mo-Fr 09:00-17:00"),
    ("9:00-17:00; Mo-Fr", "Mo-Fr 09:00-17:00"),
    ("Sa-Su 09:00-17:00, Mo-Fr", None),
    ("Sa-Su sunrise-sunset, Mo-Fr", None),
    ("08:00-18:00, Mo-Sa, PH off", "Mo-Sa 08:00-18:00; PH off"),
    ("09:00-17:00; Jul-Aug", None),
]
"""Where an audit found doubts; the same columns."""

INSTANTS = [
    ("8:00-18:00 周一至周六，周日休息", "2026-11-24T10:00", State.OPEN),
    ("9:00-17:00 工作日，节假日休息", "2026-11-24T10:00", State.OPEN),
    ("9:00-17:00 工作日，节假日休息", "2026-11-28T10:00", State.CLOSED),
    ("9:00-17:00 工作日，节假日休息", "2026-10-10T10:00", State.OPEN),
    ("8:00-18:00，周一至周五；周六9:00-12:00", "2026-11-29T10:00", State.CLOSED),
    ("8:00-18:00，周一至周五；周六9:00-12:00", "2026-11-24T15:00", State.OPEN),
    ("正常营业时间：周一至周五9:00-17:00", "2026-10-01T10:00", State.CLOSED),
    ("20:00-6:00，周日休息", "2026-11-23T03:00", State.CLOSED),
    ("20:00-6:00，周日休息", "2026-11-22T03:00", State.OPEN),
    ("周一至周日6:00-次日1:00，周三休息", "2026-11-25T00:30", State.OPEN),
    ("周一至周日6:00-次日1:00，周三休息", "2026-11-26T00:30", State.CLOSED),
    ("00:00-23:59", "2026-11-24T23:59", State.OPEN),
    ("节假日9:00-12:00，周二至周日9:00-18:00", "2026-10-01T15:00", State.CLOSED),
    ("1月1日10:00-12:00，每天8:00-18:00", "2026-01-01T15:00", State.CLOSED),
]
"""Text, Beijing time, state; 10 October 2026 is a Saturday worked, 1 October a holiday."""

SEASONS = (
    "Apr 1-Sep 30 Mo-Sa {0}-19:00; Apr 1-Sep 30 Su,PH 10:00-19:00; Oct 1-Mar 31 Mo-Sa {0}-17:00;"
    " Oct 1-Mar 31 Su,PH 10:00-17:00; Dec 25 10:00-14:00"
)
SEEN: dict[str, str | None] = {
    "6af2e930": SEASONS.format("09:00"),
    "8fd4b773": SEASONS.format("08:30"),
    "791d1eb1": "Nov 1-May 31 09:00-18:00; Jun 1-Oct 31 09:00-20:00",
    "e19fccfc": "Nov 1-May 31 09:00-18:00; Jun 1-Oct 31 09:00-20:00",
    "f0514e8d": "24/7",
    "f7a9229a": "24/7",
    "d1ebd862": "24/7",
    "f3dbb1e6": None,  # '9am-7pm (Summer), 9am-4pm (Winter).'
    "3fca9823": None,  # "Belair\xa0Park's gates open daily\xa0at 7.30am. Closin"
    "8061f64c": None,  # 'Daily 8am-3.30pm (winter), 8am-one hour before d'
    "cdceb0e3": "09:00-17:00",
    "fcafee1a": "09:00-21:00",
    "0d139761": None,  # 'Daylight hours'
    "e8b0029d": None,  # "Dulwich Park's gates open daily at 7.30am. Closi"
    "c5a99cb4": None,  # "Dulwich Park's gates open daily at 7.30am. Closi"
    "31349481": None,  # "Dulwich Park's gates open daily at 7.30am. Clsoi"
    "9376d54d": "09:00-16:00",
    "b33572fa": "09:00-dusk",
    "5fe132f7": None,  # 'Gates open daily at 7.30am. Closing times vary t'
    "1be36816": None,  # 'Generally available 2100-0330 on a Friday and Sa'
    "9974da2c": None,  # 'Includes a Changing Places toilet; Mon - Fri 063'
    "59e3c144": "Mo-Fr 08:30-20:00; Sa-Su 09:00-17:00",
    "bb3809a1": "Mo-Th 10:00-24:00, Fr 10:00-01:00, Sa 09:00-01:00, Su 09:00-24:00",
    "ab4f9089": "Mo-Th 11:30-23:00; Fr-Sa 11:30-00:00; Su 11:30-22:00",
    "ca7419ce": None,  # 'Mo-Th 15:00-23:00,Fr-Sa 12:00-00:00,So 12:22:30'
    "93a4a15d": "Mo 10:00-18:00; Tu-Th 11:00-18:00; Fr 11:00-17:00; Sa 11:00-17:00",
    "25ddace7": "Mo 11:00-19:00; Tu-Th 11:00-18:00; Fr-Sa 11:00-17:00",
    "18006975": "Tu-Th 10:00-19:00; Sa 10:00-17:00",
    "8fa7bb29": "Mo-Fr 07:30-19:30; Sa 10:00-16:45",
    "9ca4ebe4": "04:30-00:30",
    "bda05318": "07:30-20:30",
    "b00957c4": "08:00-dusk",
    "081d49ac": "Mo-Th 10:00-19:00; Fr 10:00-17:00; Sa 11:00-17:00",
    "270a7f0e": "Mo-Th 10:00-20:00; Fr-Sa 10:00-17:00; Su 11:00-16:00",
    "17d6f46a": "Mo-Th 04:30-01:35, Fr-Sa 04:30-02:00, Su 05:15-01:35",
    "9ac7d409": "Mo-Fr 09:30-19:00; Sa 09:00-19:00; Su 11:00-17:00",
    "209fd55a": "Mo-Fr 06:00-24:00; Sa 06:00-22:00; Su 11:00-17:00",
    "c70b9ff0": "Mo-Fr 07:00-19:00",
    "7afb8697": "Mo-Sa 06:00-24:00; Su 11:00-17:00",
    "15e5f93c": "Mo-Fr 08:00-20:00; Sa 09:00-17:00; Su 10:00-16:00",
    "44551458": "Mo-Fr 09:00-20:00; Sa 09:00-17:00; Su 12:00-16:00",
    "e318a010": "Mo-Fr 09:00-20:00; Sa 09:00-17:00; Su 12:00-16:00",
    "44ebbdbe": "Mo-Fr 09:30-22:00; Sa-Su 09:30-20:00; PH off",
    "bf8ff7f2": "Mo-Fr 06:30-22:00; Sa 07:00-18:00; Su 07:00-22:00; PH 07:00-18:00",
    "ff63cf06": "Mo-Fr 06:30-22:00; Sa 07:00-18:00; Su 07:00-22:00; PH 07:00-18:00",
    "5ec2184b": "Mo-Fr 09:00-21:00; Sa-Su 09:00-17:00; PH 09:00-18:00",
    "123b2afb": "Mo-Fr 09:00-19:00; Sa 09:00-17:00; Su 12:00-16:00",
    "7b46cae1": "Mo-Th 08:30-18:00; Fr 08:30-17:30",
    "75e3308e": "Mo,Th 10:00-14:00; Tu,Fr 14:00-18:00; Sa 13:00-17:00",
    "d22645cd": "Mo,Th-Fr 09:00-20:00; Tu 10:00-20:00; Sa 09:00-17:00; Su 12:00-16:00",
    "86dc1baf": "Mo-Tu,Th 14:00-19:00; Fr 10:00-15:00; Sa 10:00-17:00",
    "13ad03d0": "Mo-Tu,Th 14:00-19:00; We,Fr 10:00-15:00; Sa 10:00-17:00",
    "cc889dc6": "Mo-Tu,Th 09:00-19:00; Fr 10:00-18:00; Sa 09:00-17:00",
    "fe5010c2": "Mo-Tu,Th-Fr 09:00-20:00; We 10:00-20:00; Sa 10:00-17:00; Su 12:00-16:00",
    "de94e275": "Tu-Sa 07:00-15:00; Su 07:00-16:00",
    "d7e8200b": "Tu-Sa 07:00-17:00; Su 07:00-16:00",
    "9df901c8": None,  # 'Open Daily at 8am. Closing times vary throughout'
    "078a3cb1": SEASONS.format("08:30"),
    "2f431b52": None,  # 'Ticket Office Opening Hour: Monday to Saturday 0'
    "cefe16c4": None,  # 'Toilets below gound via stairs.1st Nov–31st May '
}
"""Free texts of the council exports by the first 8 digits of their SHA-256."""

DOUBTED = {"da6f2d10"}
"""Expressions among them that end before noon and begin after it: Su 12:00-11:00."""

LABEL = "opening_hours="


def shown(text: str) -> str | None:
    told = understand(text)
    if isinstance(told, NotUnderstood):
        assert told.reason
        return None
    return told.expression + (" [weekdays]" if told.calendar == "weekdays" else "")


@pytest.mark.parametrize(("text", "expected"), TYPED + AUDITED)
def test_what_clerks_write(text: str, expected: str | None) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(("text", "at", "state"), INSTANTS)
def test_what_clerks_write_at_an_instant(text: str, at: str, state: State) -> None:
    told = understand(text)
    assert isinstance(told, Understood)
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    assert state_at(Posted(told.expression, told.calendar), moment) == state


@pytest.mark.parametrize(
    "text",
    ["24/7", "Mo-Fr 8:00-17:00; PH off", '08:00-20:00 open "扫码"', "off", "Mo,We-Su 09:00-21:00"],
)
def test_an_expression_passes_as_it_is(text: str) -> None:
    assert understand(text) == Understood(text)
    assert understand(f"  {LABEL} {text} ") == Understood(text)


@pytest.mark.parametrize("text", ["", "  ", "Mo-Fr 08:00-12:00;" * 5600, "周一至周五" * 20_000])
def test_nothing_and_too_much_are_not_understood(text: str) -> None:
    assert isinstance(understand(text), NotUnderstood)


WORDS = st.sampled_from(
    [
        "周一",
        "至",
        "周五",
        "周末",
        "节假日",
        "休息",
        "8:30",
        "-",
        "12:00",
        "，",
        "下午",
        "2点",
        "晚",
        "10点",
        "全天",
        "5月1日",
        "每天",
        "（",
        "）",
        "除",
        "外",
        "照常",
        "am",
        "Monday",
        "to",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))
def test_whatever_is_understood_is_open_at_some_time(text: str) -> None:
    told = understand(text)
    if isinstance(told, Understood):
        assert parse(told.expression).spelled
        week = line_of(Posted(told.expression, told.calendar), date(2026, 5, 1), 7, decreed=False)
        assert State.OPEN in week.states
    else:
        assert told.reason


def council_texts(folder: Path) -> list[str]:
    texts = []
    for name, column in [
        ("Public_toilets.csv", "Opening Hours"),
        ("barnet_raw.csv", "OpeningHours"),
        ("southwark_toilets.csv", "OpeningTime"),
    ]:
        with (folder / name).open(encoding="utf-8-sig", errors="replace") as file:
            texts += [row.get(column) or "" for row in csv.DictReader(file)]
    camden = json.loads((folder / "camden_data.json").read_text("utf-8"))
    mixed = json.loads((folder / "mixed_data.json").read_text("utf-8"))["elements"]
    texts += [row["opening_hours"] for row in camden]
    texts += [each["tags"].get("opening_hours", "") for each in mixed if "tags" in each]
    return [text for text in texts if text.strip()]


@pytest.mark.shared_data
def test_council_exports_are_understood_rightly(shared_data: Path) -> None:
    texts = set(council_texts(shared_data / "poi"))
    free = {text for text in texts if not opening_hours.validate(text)}
    labelled = {text for text in free if text.startswith(LABEL)}
    refused = {text for text in texts - free if isinstance(understand(text), NotUnderstood)}
    assert {hashlib.sha256(text.encode()).hexdigest()[:8] for text in refused} == DOUBTED
    for text in texts - free - refused:
        assert understand(text) == Understood(text)
    for text in labelled:
        bare = text.removeprefix(LABEL).strip().replace("(sunset)", "sunset")
        assert understand(text) == Understood(bare)
    seen = {hashlib.sha256(text.encode()).hexdigest()[:8]: text for text in free - labelled}
    assert {digest: shown(text) for digest, text in seen.items()} == SEEN
    understood = [text for text in free if isinstance(understand(text), Understood)]
    assert (len(understood), len(free)) == (59, 73)


@pytest.mark.shared_data
def test_expressions_seen_in_the_wild_are_read(shared_data: Path) -> None:
    lines = (shared_data / "opening_hours" / "oh_rs_sample.txt").read_text("utf-8").splitlines()
    texts = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(texts) == 195
    for text in texts:
        try:
            parse(text)
        except HoursError as fault:  # pragma: no cover
            pytest.fail(f"{text}: {fault}")
        assert understand(text) == Understood(text.strip())


def test_half_a_character_is_not_understood() -> None:
    assert isinstance(understand("周一\ud800 8:00-18:00"), NotUnderstood)
