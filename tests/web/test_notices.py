"""People get notices about changes that others made, such as a rejudged result, comments and more time, also
by e-mail."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from judge_api.services.mailer import Mail, Mailer
from judge_api.services.notice_mail import SETTLED_FOR, NoticeMail
from judge_api.settings import Settings
from judge_api.store.notices import KEPT, NoticeStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.model.submission import Verdict
from tests.support.ports import free_port
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import make_event, moment


def notices(app: AppFixture, who: str = "ada") -> Any:
    return app.client.get("/me/notices", headers=app.headers(who)).get_json()


def judged(app: AppFixture, verdict: Verdict, who: str = "ada") -> str:
    id: str = app.submit(who).get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, verdict=verdict)) is not None
    return id


def rejudged(app: AppFixture, id: str, verdict: Verdict) -> None:
    answer = app.client.post(f"/admin/submissions/{id}/rejudge", headers=app.headers("admin"))
    assert answer.status_code == 200, answer.get_json()
    report = finished(id, attempt=answer.get_json()["attempt"], verdict=verdict)
    assert VerdictStore(app.services.engine).record(report) is not None


def test_a_notice_shows_both_verdicts_of_a_changed_result(
    own_app: AppFixture,
) -> None:
    wrong, right = judged(own_app, Verdict.WA), judged(own_app, Verdict.AC)
    rejudged(own_app, wrong, Verdict.AC)
    rejudged(own_app, right, Verdict.AC)
    assert notices(own_app) == {"notices": [], "unread": 0}
    assert own_app.services.notices.settle() == 2
    found = notices(own_app)
    assert found["unread"] == 1
    (notice,) = found["notices"]
    assert (notice["kind"], notice["submission"], notice["problem"]) == ("rejudge", wrong, "aplusb")
    assert (notice["before"], notice["after"], notice["read"]) == ("WA", "AC", False)
    assert notices(own_app, "grace")["notices"] == []


def test_two_rejudgings_that_restore_the_old_verdict_make_no_notice(
    own_app: AppFixture,
) -> None:
    id = judged(own_app, Verdict.WA, "bob")
    rejudged(own_app, id, Verdict.AC)
    rejudged(own_app, id, Verdict.WA)
    own_app.services.notices.settle()
    assert notices(own_app, "bob")["notices"] == []


def test_notices_are_marked_as_read_up_to_the_given_id(own_app: AppFixture) -> None:
    store, account = own_app.services.notices, own_app.accounts["grace"].account
    store.add_extension([account.id], "one", "One", 5)
    newest = notices(own_app, "grace")["notices"][0]["id"]
    store.add_extension([account.id], "two", "Two", 7)
    headers = own_app.headers("grace")
    answer = own_app.client.post("/me/notices/read", json={"up_to": newest}, headers=headers)
    assert answer.get_json() == {"read": 1}
    found = notices(own_app, "grace")
    assert found["unread"] == 1
    assert [(each["event"], each["read"]) for each in found["notices"]] == [("two", False), ("one", True)]
    assert own_app.client.post("/me/notices/read", json={}, headers=headers).status_code == 422


def test_a_rejudging_that_ends_after_the_last_read_notice_is_unread(
    own_app: AppFixture,
) -> None:
    store, account = own_app.services.notices, own_app.accounts["grace"].account
    id = judged(own_app, Verdict.WA, "grace")
    rejudged(own_app, id, Verdict.AC)
    store.add_comment(account.id, id)
    newest = max(each["id"] for each in notices(own_app, "grace")["notices"])
    store.settle()
    store.add_comment(account.id, id)
    own_app.client.post("/me/notices/read", json={"up_to": newest}, headers=own_app.headers("grace"))
    shown = [each for each in notices(own_app, "grace")["notices"] if each["submission"] == id]
    assert [(each["kind"], each["count"], each["read"]) for each in shown] == [
        ("comment", 2, False),
        ("rejudge", None, False),
    ]


def test_members_get_notices_of_comments_and_extensions(
    own_app: AppFixture,
) -> None:
    event = make_event(own_app, "longer", -30, 60)
    member = event.add("ada")
    event.add("bob")
    id = event.submit("ada")
    before = notices(own_app)["unread"]
    for _ in range(2):
        body = {"text": "Look at the bounds."}
        own_app.client.post(f"/submissions/{id}/comments", json=body, headers=own_app.headers("author"))
    event.call("author", "PATCH", f"/members/{member}", {"extension_minutes": 15}, expect=200)
    event.call("author", "POST", "/extension", {"minutes": 10})
    event.call("author", "PATCH", "", {"ends_at": moment(200)})
    found = notices(own_app)
    assert found["unread"] > before
    kinds = [each["kind"] for each in found["notices"][: found["unread"] - before]]
    assert (kinds.count("comment"), kinds.count("extension") >= 2) == (1, True)
    comment = next(each for each in found["notices"] if each["kind"] == "comment")
    assert (comment["submission"], comment["count"]) == (id, 2)
    more = [each for each in notices(own_app, "bob")["notices"] if each["event"] == "longer"]
    assert more and all(each["title"] == "Longer" and each["minutes"] > 0 for each in more)
    assert 15 not in [each["minutes"] for each in more]


def test_a_later_end_is_noticed_only_by_members_who_get_more_time(own_app: AppFixture) -> None:
    event = make_event(own_app, "own-time", -30, 20, {"length_minutes": 40})
    cut, whole = event.add("ada"), event.add("bob")
    event.call("author", "PATCH", f"/members/{cut}", {"started_at": moment(-5)})
    event.call("author", "PATCH", f"/members/{whole}", {"started_at": moment(-29)})
    event.call("author", "POST", "/extension", {"minutes": 10})
    ada, bob = (notices(own_app, who)["notices"] for who in ("ada", "bob"))
    assert [each["minutes"] for each in ada if each["event"] == "own-time"] == [10]
    assert [each for each in bob if each["event"] == "own-time"] == []


def test_a_notice_does_not_show_a_result_that_an_event_hides(own_app: AppFixture) -> None:
    event = make_event(own_app, "hidden", -30, 60, rules={"feedback": "after-end"})
    event.add("grace")
    id = event.submit("grace", Verdict.WA)
    rejudged(own_app, id, Verdict.AC)
    own_app.services.notices.settle()
    found = next(each for each in notices(own_app, "grace")["notices"] if each["submission"] == id)
    assert (found["before"], found["after"]) == (None, None)


def test_old_notices_are_deleted(own_app: AppFixture) -> None:
    later: datetime = utc_now() + KEPT + timedelta(days=1)
    store = NoticeStore(own_app.services.engine, lambda: later)
    own_app.services.notices.add_extension([own_app.accounts["bob"].account.id], "old", "Old", 1)
    assert store.delete_old() >= 1
    assert notices(own_app, "bob") == {"notices": [], "unread": 0}


class Mailbox(MessageHandler):
    """Keeps the messages that the SMTP server receives, and their connections. It refuses the addresses in
    ``refused``."""

    refused = "refused@gavel.example"

    def __init__(self) -> None:
        super().__init__()
        self.received: queue.Queue[Message] = queue.Queue()
        self.connections: set[Any] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.connections.add(session.peer)
        if address == self.refused:
            return "550 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.received.put(message)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"smtp://127.0.0.1:{port}"
    server.stop()


def test_unread_notices_are_sent_in_one_e_mail_to_a_verified_address(
    own_app: AppFixture, mailbox: tuple[Mailbox, str], tmp_path: Path
) -> None:
    box, url = mailbox
    account = own_app.accounts["bob"].account
    own_app.services.accounts.set_email(account.id, "bob@gavel.example")
    store = own_app.services.notices
    store.add_extension([account.id], "exam", "Exam", 5)
    later = NoticeStore(own_app.services.engine, lambda: utc_now() + SETTLED_FOR)
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_SMTP_URL": url})
    mail = NoticeMail(later, Mailer(settings), settings.public_url)
    assert mail.send_once() == 0  # the address is not yet verified
    own_app.services.accounts.verify_email(account.id, "bob@gavel.example")
    id = judged(own_app, Verdict.WA, "bob")
    rejudged(own_app, id, Verdict.AC)
    store.settle()
    # The notice is not sent yet, because the mail waits for further notices.
    assert NoticeMail(store, Mailer(settings), settings.public_url).send_once() == 0
    headers = own_app.headers("bob")
    for on, sent in ((False, 0), (True, 1)):
        answer = own_app.client.put("/me/notice-mails", json={"on": on}, headers=headers)
        assert (answer.status_code, answer.get_json()) == (200, {"on": on})
        assert own_app.client.get("/me", headers=headers).get_json()["notice_mails"] is on
        assert mail.send_once() == sent
    assert mail.send_once() == 0
    message = box.received.get(timeout=60)
    text = message.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert message["To"] == "bob@gavel.example"
    assert b"Exam: you have 5 more minutes" in text
    assert f"/submissions/{id}".encode() in text
    assert b"AC" not in text and b"WA" not in text


def test_many_e_mails_use_one_connection_and_a_refused_address_does_not_stop_the_rest(
    mailbox: tuple[Mailbox, str], tmp_path: Path
) -> None:
    box, url = mailbox
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_SMTP_URL": url})
    addresses = ["one@gavel.example", box.refused, *(f"{number}@gavel.example" for number in range(20))]
    Mailer(settings).send_soon(*(Mail(address, "More time", "15 minutes") for address in addresses))
    received = [box.received.get(timeout=60)["To"] for _ in range(len(addresses) - 1)]
    assert received == [address for address in addresses if address != box.refused]
    assert len(box.connections) == 1
