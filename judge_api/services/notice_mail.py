"""Sends unread notices by e-mail to verified addresses: one message for all notices of an account."""

from __future__ import annotations

from datetime import timedelta

from judge_api.services.mailer import Mail, Mailer
from judge_api.store.notices import Notice, NoticeKind, NoticesToMail, NoticeStore

SETTLED_FOR = timedelta(seconds=60)
"""How long a notice waits, so that one message can also contain the account's next notices."""
_MOST_LINES = 20
_TEXT = """Hello {name},

your submissions or events at {site} have changed:

{lines}

All notices: {site}/notices
"""


class NoticeMail:
    """Sends notices by e-mail. If no SMTP server is set, it sends nothing."""

    def __init__(self, notices: NoticeStore, mailer: Mailer, public_url: str) -> None:
        self._notices = notices
        self._mailer = mailer
        self._site = public_url

    def send_once(self) -> int:
        """Send the notices that are due. Returns the number of messages."""
        if not self._mailer.is_on:
            return 0
        found = self._notices.take_to_mail(SETTLED_FOR)
        self._mailer.send_soon(*map(self._mail, found))
        return len(found)

    def _mail(self, found: NoticesToMail) -> Mail:
        lines = [self._line(notice) for notice in found.notices[:_MOST_LINES]]
        if len(found.notices) > _MOST_LINES:
            lines.append(f"- and {len(found.notices) - _MOST_LINES} more")
        text = _TEXT.format(name=found.name, site=self._site, lines="\n".join(lines))
        return Mail(found.address, "Your submissions or events have changed", text)

    def _line(self, notice: Notice) -> str:
        """The lines of one notice. They name no result, because an event may still hide it."""
        if notice.kind is NoticeKind.EXTENSION:
            minutes, title = notice.detail.get("minutes"), notice.detail.get("title")
            return f"- {title}: you have {minutes} more minutes\n  {self._site}/events/{notice.event}"
        link = f"{self._site}/submissions/{notice.submission_id}"
        if notice.kind is NoticeKind.COMMENT:
            return f"- {notice.problem}: your submission was commented on\n  {link}"
        return f"- {notice.problem}: your submission was judged again, with another result\n  {link}"
