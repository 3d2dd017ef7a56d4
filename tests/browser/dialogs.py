"""The dialogs in the sources of the pages, each by its accessible name."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path("frontend/src")
_NAMED = re.compile(r"(?:\bquestion|<dialog\b.*\baria-label|<DialogButton\b.*\btitle)=\{(.*t`.*)\}")
_TEXT = re.compile(r"t`([^`]*)`")
_VALUE = re.compile(r"\$\{[^}]*\}")


def components() -> list[Path]:
    return [path for path in SOURCES.rglob("*.tsx") if not path.name.endswith(".test.tsx")]


def names() -> list[str]:
    """The names as the sources have them, such as `Drain ${worker.name}?`. The longest texts are first."""
    found = {
        text
        for path in components()
        for named in _NAMED.findall(path.read_text(encoding="utf-8"))
        for text in _TEXT.findall(named)
    }
    return sorted(found, key=lambda name: (-len(_VALUE.sub("", name)), name))


def shown(name: str) -> str:
    """A regular expression of the texts that a page shows for this name."""
    return f"^{'.*'.join(re.escape(part) for part in _VALUE.split(name))}$"


OPENED_AT: dict[str, tuple[str, ...]] = {
    "/problems/SLUG": ("Start over?", "Keyboard shortcuts", "Editor settings"),
    "/submissions/ID": ("Make a public link?", "Replace your draft?", "Submit this source again?"),
    "/submissions/ID, shared": ("Revoke the public link?",),
    "/submissions/ID, waiting": ("Cancel this submission?",),
    "/account": (
        *(
            "Unlink ${one.title}?",
            "Revoke the key “${key.name}”?",
            "Revoke all keys?",
            "Sign out everywhere?",
        ),
        *("End the session of ${begun}?", "Remove this webhook?", "Delete this account?"),
    ),
    "/admin/": ("Pause the ${name} queue?",),
    "/admin/workers": ("Drain ${worker.name}?",),
    "/admin/problems": ("Judge every submission of “${row.title}” again?",),
    "/admin/lti": ("Remove this platform?",),
    "/admin/submissions, an error is chosen": (
        *("Judge ${ended.length} submissions again?", "Ignore ${failed.length} internal errors?"),
        *("Judge this submission again?", "Ignore this internal error?"),
    ),
    "/admin/submissions, a waiting one is chosen": (
        *("Put ${open.length} submissions into their queues again?", "Cancel ${open.length} submissions?"),
        *("Put this submission into its queue again?", "Cancel this submission?"),
    ),
    "/admin/accounts, one is chosen": (
        *(
            "Delete the chosen accounts?",
            "Give ${name} the role ${role}?",
            "Turn off the second factor of ${name}?",
        ),
        *("Unlink ${title} from ${name}?", "Make a link to reset the password of ${name}?"),
        *("Move ${account.name} to the ${name} tier?", "Disable ${name}?", "Enable ${name}?"),
    ),
    "/my-problems/SLUG": (
        *("Publish version ${problem.newest.slice(0, 8)}?", "Archive “${problem.title}”?"),
        "Delete “${problem.title}” with all its versions?",
    ),
    "/my-problems/SLUG, published": (
        *("Make “${problem.title}” a draft again?", "Judge these submissions again?"),
        *("Go back to version ${name}?", "Remove ${each} from the co-authors?"),
    ),
    "/my-problems/SLUG/edit": ("Discard the changes?",),
    "/events/SLUG, not begun": ("Start now?",),
    "/events/SLUG/jury": (
        *(
            "Extend the event?",
            "Pause the event?",
            "Disqualify this submission?",
            "More time for this member?",
        ),
        "Remove this link?",
    ),
    "/events/SLUG/jury, ended": ("Thaw the standings?",),
    "/events/SLUG/jury, rejudging": ("Apply the rejudging?",),
    "/events/SLUG/similarity": ("Delete the report?",),
    "/events/SLUG/shadow": ("Stop following this contest?",),
    "/events/SLUG/invitations": ("Make a new link?", "Revoke this invitation?"),
    "/invited": ("Start now?",),
}
"""The dialogs that a check must open, by the page and its state."""
ALREADY_OPEN = {"Sign in again", "Submit these files"}
"""The dialogs that are open when a check begins, because an act of the person has opened them."""
