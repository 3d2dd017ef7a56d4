"""Builds the answers to LeetCode's GraphQL queries: a question, the list of questions, and the user."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from judge_api.compat.leetcode.ids import question_id, their_language
from judge_api.store.statistics import ProblemCounts
from judge_core.model.account import Account
from judge_core.model.language import OfferedLanguage
from judge_core.model.percentiles import share
from judge_core.model.problem import ProblemSpec

_PLAIN = re.compile(r"[A-Za-z0-9_ ]")


def question_body(
    spec: ProblemSpec, counts: ProblemCounts, offered: Iterable[OfferedLanguage], shown_number: int
) -> dict[str, Any]:
    """Every field that any of the clients asks for, even if the query does not name it.

    Some fields are texts that contain JSON.
    """
    number, snippets = str(question_id(spec.slug)), list(_snippets(spec, offered).values())
    definitions = [
        {"value": each["langSlug"], "text": each["lang"], "defaultCode": each["code"]} for each in snippets
    ]
    samples = [sample.input for sample in spec.samples]
    stats = {"totalAccepted": str(counts.accepted), "totalSubmission": str(counts.submitted)}
    return {
        "questionId": number,
        "questionFrontendId": str(shown_number),
        "title": spec.name,
        "titleSlug": spec.slug,
        "difficulty": (spec.difficulty or "easy").capitalize(),
        "isPaidOnly": False,
        "content": spec.statements[0].html if spec.statements else "",
        "translatedContent": None,
        "stats": json.dumps(stats, allow_nan=False),
        "codeDefinition": json.dumps(definitions, allow_nan=False),
        "codeSnippets": snippets,
        "sampleTestCase": samples[0] if samples else "",
        "exampleTestcases": "".join(text if text.endswith("\n") else f"{text}\n" for text in samples),
        "exampleTestcaseList": samples,
        "enableRunCode": True,
        "metaData": json.dumps({"name": spec.slug, "params": []}, allow_nan=False),
        "topicTags": [{"name": word, "slug": word} for word in spec.keywords],
    }


def list_entry(pair: Mapping[str, Any], spec: ProblemSpec) -> dict[str, Any]:
    """A question of ``problemsetQuestionList``, made from its entry in ``/api/problems``."""
    number, stat = str(question_id(spec.slug)), pair["stat"]
    shown_number = str(stat["frontend_question_id"])
    return {
        "acRate": 100 * stat["total_acs"] / stat["total_submitted"],
        "difficulty": (spec.difficulty or "easy").capitalize(),
        "freqBar": None,
        "frontendQuestionId": shown_number,
        "questionFrontendId": shown_number,
        "questionId": number,
        "isFavor": pair["is_favor"],
        "paidOnly": False,
        "isPaidOnly": False,
        "status": pair["status"],
        "title": spec.name,
        "titleSlug": spec.slug,
        "topicTags": [{"name": word, "id": word, "slug": word} for word in spec.keywords],
        "hasSolution": False,
        "hasVideoSolution": False,
    }


def _snippets(spec: ProblemSpec, offered: Iterable[OfferedLanguage]) -> dict[str, dict[str, str]]:
    """Starter code, by LeetCode's name of the language.

    It has each language that is available and that the problem allows.
    """
    starters: Mapping[str, str] = spec.starters
    found: dict[str, dict[str, str]] = {}
    for each in offered:
        id = each.language.id
        if each.available and (not spec.languages or id in spec.languages):
            slug, name = their_language(id)
            code = starters.get(id) or each.language.starter
            found.setdefault(slug, {"lang": name, "langSlug": slug, "code": code})
    return found


def user_body(account: Account) -> dict[str, Any]:
    return {"username": account.name, "isCurrentUserPremium": False, "isSignedIn": True}


def code_page(source: str, distribution: Mapping[str, Any] | None = None) -> str:
    """The part of a submission's page that clients look for. They evaluate its texts as JavaScript."""
    code = f"submissionCode: '{_as_javascript(source)}',\n"
    if distribution is None:
        return code
    shown = _as_javascript(json.dumps(distribution, allow_nan=False))
    return f"{code}runtimeDistributionFormatted: '{shown}',\n"


def runtime_distribution(language: str, own_ms: int, others_ms: Iterable[int]) -> dict[str, Any]:
    """Each runtime in milliseconds, with the percentage of accounts whose best runtime it is.

    Clients add up the percentages from a submission's own runtime on. The sum is the submission's percentile.
    """
    counts = Counter((own_ms, *others_ms))
    shares = [[str(ms), round(share(counts[ms], counts.total()), 4)] for ms in sorted(counts)]
    return {"lang": their_language(language)[0], "distribution": shares}


def _as_javascript(text: str) -> str:
    """A text for a JavaScript string. Every character that could end the string is written as an escape."""
    units = text.encode("utf-16-be", "surrogatepass")
    numbers = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(_escaped(number) for number in numbers)


def _escaped(number: int) -> str:
    character = chr(number)
    return character if _PLAIN.fullmatch(character) else f"\\u{number:04X}"
