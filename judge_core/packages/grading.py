"""How a group of tests is graded: ``testdata.yaml`` of the legacy format, ``scoring`` of 2023-07."""

from __future__ import annotations

import math
from dataclasses import replace

from judge_core.model.numbers import NumberFault
from judge_core.packages.group_settings import (
    FULL_SCORE,
    Aggregation,
    GroupSettings,
    OnReject,
    VerdictMode,
)
from judge_core.packages.number_bounds import SCORES
from judge_core.packages.yaml_reader import YamlMap

_VERDICT_MODES = {mode.value: mode for mode in VerdictMode}
_SCORE_MODES = {mode.value: mode for mode in Aggregation if mode is not Aggregation.PASS_FAIL}
_KEYS_2025_09 = ("max_score", "score_aggregation", "require_pass")


def legacy_group_settings(keys: YamlMap, above: GroupSettings, is_root: bool) -> GroupSettings:
    """The settings in a group's file. If a key is missing, the value of the group ``above`` applies, as in
    problemtools. Only the root group may set ``ignore_sample``."""
    low, high = _score_range(keys, above)
    settings = replace(
        above,
        ignore_sample=False,
        on_reject=OnReject(
            keys.choice("on_reject", [mode.value for mode in OnReject], above.on_reject.value)
        ),
        custom_grader=keys.choice("grading", ("default", "custom"), _grading(above)) == "custom",
        accept_score=keys.number("accept_score", above.accept_score, SCORES["accept_score"]),
        reject_score=keys.number("reject_score", above.reject_score, SCORES["reject_score"]),
        low=low,
        high=high,
    )
    return _with_flags(settings, keys, is_root)


def _grading(above: GroupSettings) -> str:
    return "custom" if above.custom_grader else "default"


def _with_flags(settings: GroupSettings, keys: YamlMap, is_root: bool) -> GroupSettings:
    flags = keys.arguments("grader_flags")
    if flags is None:
        return settings
    settings = replace(
        settings,
        grader_flags=flags,
        verdict_mode=VerdictMode.WORST_ERROR,
        aggregation=Aggregation.SUM,
        accept_if_any_accepted=False,
    )
    for flag in () if settings.custom_grader else flags:
        if flag in _VERDICT_MODES:
            settings = replace(settings, verdict_mode=_VERDICT_MODES[flag])
        elif flag in _SCORE_MODES:
            settings = replace(settings, aggregation=_SCORE_MODES[flag])
        elif flag == "accept_if_any_accepted":
            settings = replace(settings, accept_if_any_accepted=True)
        elif flag == "ignore_sample" and is_root:
            settings = replace(settings, ignore_sample=True)
        else:
            where = (
                "has an effect in data/testdata.yaml only"
                if flag == "ignore_sample"
                else "is no flag of the default grader and has no effect"
            )
            keys.fault("grader_flags", f"{flag[:80]} {where}", warning=True)
    return settings


def _score_range(keys: YamlMap, above: GroupSettings) -> tuple[float, float]:
    text = keys.text("range")
    if text is None:
        return above.low, above.high
    try:
        low, high = (_bound(word) for word in text.split())
    except NumberFault as fault:
        keys.fault("range", f"must be two numbers, such as 0 100 or -inf +inf; a number {fault}")
        return above.low, above.high
    except ValueError:
        keys.fault("range", "must be two numbers, such as 0 100 or -inf +inf")
        return above.low, above.high
    if low > high:
        keys.fault("range", f"begins with the greater number: {text.strip()[:80]}")
        return above.low, above.high
    return low, high


def _bound(word: str) -> float:
    unbounded = {"-inf": -math.inf, "inf": math.inf, "+inf": math.inf}
    return unbounded[word] if word in unbounded else SCORES["range"].parse(word)


def default_group_settings(grading: YamlMap) -> GroupSettings:
    """The settings for every group, from ``grading`` in an old ``problem.yaml``. This key is deprecated, but
    still used."""
    low, high = _score_range(grading, GroupSettings())
    words = {"first_error": OnReject.BREAK, "worst_error": OnReject.CONTINUE, "grade": OnReject.CONTINUE}
    on_reject = grading.choice("on_reject", [*words, *OnReject], "first_error")
    return GroupSettings(
        on_reject=words.get(on_reject) or OnReject(on_reject),
        accept_score=grading.number("accept_score", 1.0, SCORES["accept_score"]),
        reject_score=grading.number("reject_score", 0.0, SCORES["reject_score"]),
        low=low,
        high=high,
    )


def scored_group_settings(keys: YamlMap, name: str, scoring_problem: bool) -> GroupSettings:
    """The settings in ``scoring`` of a 2023-07 group. By default, ``secret`` gives 100 points in total. If
    one failed test decides the group's score, its other tests are not run."""
    scoring, score_key, aggregation_key = _scoring_keys(keys)
    if any(key in keys for key in ("scoring", *_KEYS_2025_09)) and not name.startswith("secret"):
        keys.fault(
            next(key for key in ("scoring", *_KEYS_2025_09) if key in keys),
            "is for the secret group and its subgroups only",
        )
    default = Aggregation.SUM if name in ("", "secret") else Aggregation.PASS_FAIL
    modes = [Aggregation.PASS_FAIL.value, Aggregation.SUM.value, Aggregation.MIN.value]
    unbounded = scoring.text(score_key) == "unbounded"
    score = None if unbounded else scoring.optional_number(score_key, SCORES[score_key])
    aggregation = Aggregation(scoring.choice(aggregation_key, modes, default.value))
    settings = GroupSettings(
        on_reject=OnReject.CONTINUE if scoring_problem and aggregation is Aggregation.SUM else OnReject.BREAK,
        aggregation=aggregation,
        max_score=FULL_SCORE if name == "secret" and score is None and not unbounded else score,
        unbounded=unbounded,
        require_pass=scoring.texts("require_pass") or (),
    )
    if scoring is not keys:
        scoring.close()
    return settings


def _scoring_keys(keys: YamlMap) -> tuple[YamlMap, str, str]:
    """The map with the scoring keys, and the names of two of these keys. In 2025-09, the keys are in the
    group's own map, and these two have longer names."""
    if "scoring" not in keys and any(key in keys for key in _KEYS_2025_09):
        return keys, "max_score", "score_aggregation"
    return keys.map("scoring"), "score", "aggregation"
