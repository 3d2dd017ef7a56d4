"""The encodings of text that a package may declare.

Python has codecs that are no encodings of text (``undefined``, ``unicode_escape``, ``idna``, ``punycode``).
They raise other errors, or return text that cannot be stored. So only encodings of the list here are used.
"""

from __future__ import annotations

import codecs
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")
_ENCODINGS = frozenset(
    {
        *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *(f"cp125{page}" for page in range(9)),
        *("cp437", "cp737", "cp775", "cp850", "cp852", "cp855", "cp857", "cp862", "cp864", "cp866", "cp869"),
        *("cp874", "tis-620", "koi8-r", "koi8-u", "koi8-t", "kz1048", "ptcp154"),
        *("mac-roman", "mac-cyrillic", "mac-greek", "mac-latin2", "mac-turkish"),
        *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950"),
        *("shift_jis", "shift_jis_2004", "cp932", "euc_jp", "euc_jis_2004", "iso2022_jp"),
        *("euc_kr", "cp949", "johab"),
    }
)


def known_encoding(declared: str) -> str | None:
    """Python's name of a declared encoding of text. ``None`` if it is unknown or no encoding of text."""
    if _NAME.fullmatch(declared) is None:
        return None
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return None
    return name if name in _ENCODINGS else None
