"""Text encodings of files from Chinese offices: UTF-8, UTF-16, GB18030, Big5.

Bytes that are valid UTF-8 are UTF-8, unless they say nothing but a few letters of scripts between
Hebrew and N'Ko, as a word or two of GB18030 may by accident. GB18030
and Big5 overlap almost wholly, so validity cannot tell them apart: the right one gives text made
mostly of the commonest characters of Chinese, the wrong one gives rare characters. Where that
rule does not decide, the user is asked.
"""

from __future__ import annotations

import codecs
import re

from geodata.errors import FileFormatError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "cp950",
}
"""What people say, and what also reads the characters they forget to mention."""

_CANDIDATES = ("gb18030", "cp950")

_SAMPLE_BYTES = 1_000_000
_CLEAR_SHARE = 0.25
"""Of its Chinese characters, how many must be common; real text has more than half."""
_CLEAR_LEAD = 2
"""How many more common characters, and how many times the other's share, one reading must have."""

_COMMON = frozenset(
    # the commonest characters of running Chinese, simplified
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    # of addresses, and of the headings of a station's record
    "站驿编号称址纬县镇乡街村栋楼层厕饮休息充沐浴园产业省州府旗巷弄室座厅厂桥河江湖云昆京津沪渝港澳台湾厕所"
    "卫间热微波炉空调药箱淋洗衣无线网络免费星期至节假停车话联系状态备注序类型容纳数施服务银行移动智能标准"
    # traditional forms of the above where they differ
    "這個們來為國說時會對於著過發後裡裏種經麼學現當沒動還進樣從實軍無與長機關點業將兩間問應戰頭體產"
    "見東聲員論處義幾認條氣題爾別變總電數報結務場計資統區隊決馬書則聽達強難權設記類據邊張該規萬覺術領"
    "確傳師觀讓識帶導爭運驛編號稱緯縣鎮鄉棟樓層廁飲園廳廠橋雲灣衛熱爐調藥線絡費節車話聯狀態備註類納銀標準"
    "溫臺雄桃段鄰"
    # of place names in Yunnan
    "滇池昆勐腊景颇傣哈尼彝族红怒版纳迪庆楚玉溪曲靖昭丽普洱临沧宏瑞腾冲麻栗坡富宁绿春苗壮瑶拉祜佤边境警派出"
)
_ACCIDENTAL = re.compile("[\x00-\u07ff]*[\u0530-\u07ff][\x00-\u07ff]*")
"""UTF-8 text that two-byte characters of GB18030 can also spell."""


def decode(data: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    """Return the text of ``data`` and the encoding it was read with.

    ``encoding`` (any name Python knows; gbk and gb2312 are read as their superset gb18030, big5 as
    cp950) wins over everything. Without it: a byte order mark, else strict UTF-8, else GB18030 or
    Big5 if the text makes clear which. Raises `FileFormatError`, naming file ``name``, where bytes
    do not fit or nothing is clear.
    """
    if encoding is not None:
        used = codec(encoding)
        if used in {"utf-8", "utf8"}:
            used = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
        return _strictly(data, used, name), used
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _strictly(data, marked, name), marked
    start = 0
    try:
        text = data.decode("utf-8")
        if not _ACCIDENTAL.fullmatch(text):
            return text, "utf-8"
    except UnicodeDecodeError as error:
        start = error.start
    used = guess(data, name, line=data.count(b"\n", 0, start) + 1)
    return _strictly(data, used, name), used


def codec(encoding: str) -> str:
    """Return Python's name for ``encoding``, or of its superset; unknown: `FileFormatError`."""
    try:
        name = codecs.lookup(encoding.strip())
        "".encode(name.name)
    except (LookupError, ValueError):
        raise FileFormatError(
            f"no text encoding {encoding[:80]!r}; use utf-8, gb18030 (also for GBK and GB2312), "
            "big5 or utf-16"
        ) from None
    return _SUPERSETS.get(name.name, name.name)


def guess(data: bytes, name: str, *, line: int) -> str:
    """Tell GB18030 from Big5 in bytes that are not UTF-8 (first seen on ``line``).

    Raises `FileFormatError` where neither is clear.
    """
    shares = {used: _common(data, used) for used in _CANDIDATES}
    best, other = sorted(_CANDIDATES, key=lambda used: shares[used], reverse=True)
    (count, share), (other_count, other_share) = shares[best], shares[other]
    lead = count - other_count >= _CLEAR_LEAD and share >= _CLEAR_LEAD * other_share
    if lead and share >= _CLEAR_SHARE:
        return best
    raise FileFormatError(
        f"{name}, row {line}: neither UTF-8, GB18030 nor Big5 beyond doubt; name the "
        "encoding (gb18030, big5, cp1252, …), or save the file as UTF-8"
    )


def _common(data: bytes, encoding: str) -> tuple[int, float]:
    """Count the common Chinese characters, and their share of all that are not ASCII."""
    try:
        text = data.decode(encoding)[:_SAMPLE_BYTES]
    except UnicodeDecodeError:
        return 0, 0.0
    chinese = [char for char in text if char > "\u2fff" and not "\uff00" <= char <= "\uffef"]
    common = sum(char in _COMMON for char in chinese)
    return common, common / max(1, len(chinese))


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise FileFormatError(
            f"{name}, row {row}: byte 0x{data[error.start]:02X} is not valid {encoding}; name the "
            "encoding the file was saved in (utf-8, gb18030, big5, utf-16)"
        ) from None
