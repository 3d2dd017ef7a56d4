"""Polygon's names for languages, and testlib's own checkers as flags of the default validator."""

from __future__ import annotations

LANGUAGES = {
    "english": "en", "russian": "ru", "chinese": "zh", "spanish": "es", "portuguese": "pt", "ukrainian": "uk",
    "kazakh": "kk", "german": "de", "french": "fr", "polish": "pl", "japanese": "ja", "korean": "ko",
    "italian": "it", "turkish": "tr", "hungarian": "hu", "romanian": "ro", "bulgarian": "bg",
    "armenian": "hy", "georgian": "ka", "azerbaijani": "az", "belarusian": "be", "uzbek": "uz",
    "lithuanian": "lt", "arabic": "ar",
    "persian": "fa", "farsi": "fa", "vietnamese": "vi", "czech": "cs", "serbian": "sr", "croatian": "hr",
}  # fmt: skip
STANDARD_CHECKERS: dict[str, tuple[str, ...]] = {
    "wcmp.cpp": ("case_sensitive",),
    "ncmp.cpp": ("case_sensitive",),
    "icmp.cpp": ("case_sensitive",),
    "hcmp.cpp": ("case_sensitive",),
    "yesno.cpp": (),
    "lcmp.cpp": ("case_sensitive",),
    "fcmp.cpp": ("case_sensitive", "space_change_sensitive"),
    "rcmp4.cpp": ("float_tolerance", "1e-4"),
    "rcmp6.cpp": ("float_tolerance", "1e-6"),
    "rcmp9.cpp": ("float_tolerance", "1e-9"),
}
"""testlib's own checkers by name, as flags of the default validator. They are needed only if a checker's
source is missing."""
