"""E-mail addresses are verified, and can be used to reset a password. The tests use a real SMTP server on
this host."""

from __future__ import annotations

import itertools
import queue
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from judge_api.services.email_service import MAILS_OF_ACCOUNT, RESETS_OF_ADDRESS
from judge_api.settings import Settings, SettingsError
from judge_core.model.errors import Conflict
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

OLD = "the password so far"
NEW = "the password from now on"
_numbers = itertools.count()


class Mailbox(MessageHandler):
    """Keeps what the SMTP server receives."""

    def __init__(self) -> None:
        super().__init__()
        self._received: queue.Queue[Message] = queue.Queue()

    def handle_message(self, message: Message) -> None:
        self._received.put(message)

    def next(self) -> Message:
        return self._received.get(timeout=60)

    def token(self) -> str:
        """The token of the link in the next message."""
        text = self.next().get_payload(decode=True)
        assert isinstance(text, bytes)
        found = re.search(r"http://127\.0\.0\.1:8000/link#(\S+)", text.decode())
        assert found is not None, text
        return found[1]

    @property
    def is_empty(self) -> bool:
        return self._received.empty()


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def post(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that sends e-mail to the mailbox."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    redis.start()
    built = build_app(tmp_path_factory.mktemp("data"), redis, GAVEL_SMTP_URL=f"smtp://127.0.0.1:{port}")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    redis.stop()
    controller.stop()


class Member:
    """An account with a password and a key."""

    def __init__(self, app: AppFixture) -> None:
        self.app = app
        self.name = f"member-{next(_numbers)}"
        self.address = f"{self.name}@example.org"
        made = app.client.post("/accounts", json={"name": self.name, "password": OLD}).get_json()
        self.headers = {"Authorization": f"Bearer {app.services.accounts.issue_key(made['id'], 'key')[1]}"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.app.client.open(path, method=method, json=body, headers=self.headers)

    def set_email(self, address: str | None) -> Any:
        return self.ask("PUT", "/me/email", {"email": address, "current_password": OLD})

    def verify(self, token: str) -> int:
        return self.app.client.post("/email-verifications", json={"token": token}).status_code

    def reset(self, address: str) -> Any:
        return self.app.client.post("/password-resets/mail", json={"email": address})

    @property
    def is_verified(self) -> bool:
        return bool(self.ask("GET", "/me").get_json()["email_verified"])


@pytest.fixture
def member(post: AppFixture) -> Member:
    return Member(post)


def test_an_address_is_verified_by_the_link_in_the_mail(member: Member, mailbox: Mailbox) -> None:
    assert member.set_email(member.address).get_json() == {"email": member.address, "sent": True}
    assert not member.is_verified
    message = mailbox.next()
    assert (message["To"], message["From"]) == (member.address, "gavel@127.0.0.1")
    assert message["Auto-Submitted"] == "auto-generated"
    member.ask("POST", "/me/email/verification")
    token = mailbox.token()
    shown = member.app.client.post("/links", json={"token": token}).get_json()
    assert (shown["account"], shown["purpose"]) == (member.name, "email")
    assert not member.is_verified, "viewing the link must not verify the address"
    assert (member.verify(token), member.verify(token)) == (204, 422)
    assert member.is_verified
    assert member.app.services.audit.page(limit=1)[0].act == "email.verify"


def test_a_password_is_reset_by_e_mail(member: Member, mailbox: Mailbox) -> None:
    member.set_email(member.address)
    member.verify(mailbox.token())
    answer = member.reset(member.address.upper())
    assert answer.status_code == 202
    body = {"token": mailbox.token(), "new_password": NEW}
    assert member.app.client.post("/password-resets", json=body).status_code == 204
    sign_in = {"name": member.name, "password": NEW}
    assert member.app.client.post("/session", json=sign_in).status_code == 201


def test_a_reset_is_sent_to_the_stored_address_and_not_to_the_typed_form(
    member: Member, mailbox: Mailbox
) -> None:
    """In lower case ``KELVIN SIGN`` becomes a small k, so the written address could be another person's."""
    member.set_email(f"k-{member.address}")
    member.verify(mailbox.token())
    for written in (f"\N{KELVIN SIGN}-{member.address}", f"K-{member.address}"):
        member.reset(written)
        assert mailbox.next()["To"] == f"k-{member.address}"


def test_an_address_with_a_mail_header_is_refused_and_gets_no_mail(member: Member, mailbox: Mailbox) -> None:
    for address in (f"{member.address}\r\nBcc: x@example.org", f"x@example.org,{member.address}", "a@b\x00"):
        assert member.set_email(address).status_code == 422
        member.reset(address)
    assert mailbox.is_empty


def test_an_unknown_and_an_unverified_address_get_the_same_answer_and_no_mail(
    member: Member, mailbox: Mailbox
) -> None:
    member.set_email(member.address)
    mailbox.next()
    unverified, unknown = member.reset(member.address), member.reset("nobody@example.org")
    assert (unverified.status_code, unverified.data) == (unknown.status_code, unknown.data)
    other = Member(member.app)
    other.set_email(other.address)
    assert mailbox.next()["To"] == other.address, "the first message must belong to the later request"
    assert mailbox.is_empty


def test_a_new_address_must_be_verified_and_the_old_address_is_notified(
    member: Member, mailbox: Mailbox
) -> None:
    member.set_email(member.address)
    member.verify(mailbox.token())
    member.set_email(f"new-{member.address}")
    messages = {message["To"]: message["Subject"] for message in (mailbox.next(), mailbox.next())}
    assert messages == {
        member.address: "Your e-mail address was changed",
        f"new-{member.address}": "Confirm your e-mail address",
    }
    assert not member.is_verified
    assert member.set_email(None).get_json() == {"email": None, "sent": False}


def test_the_link_to_a_former_address_is_refused(member: Member, mailbox: Mailbox) -> None:
    member.set_email(member.address)
    former = mailbox.token()
    member.set_email(f"new-{member.address}")
    mailbox.next()
    assert member.verify(former) == 422
    assert not member.is_verified


def test_a_change_of_the_address_needs_the_password(member: Member) -> None:
    answer = member.ask("PUT", "/me/email", {"email": member.address, "current_password": "a guess"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "current_password")


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@example.org", "a b@example.org", "a@b\nBcc: x@y.z", "ädä@example.org", "a@b, c@d"],
)
def test_an_address_that_cannot_receive_mail_is_refused(member: Member, address: str) -> None:
    answer = member.set_email(address)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "email")


def test_the_number_of_mails_is_limited(member: Member, mailbox: Mailbox) -> None:
    answers = [member.set_email(member.address).status_code for _ in range(MAILS_OF_ACCOUNT.amount + 1)]
    assert answers == [200] * MAILS_OF_ACCOUNT.amount + [429]
    for _ in range(MAILS_OF_ACCOUNT.amount):
        mailbox.next()
    resets = [member.reset("victim@example.org").status_code for _ in range(RESETS_OF_ADDRESS.amount + 1)]
    assert resets == [202] * RESETS_OF_ADDRESS.amount + [429]


def test_an_address_is_stored_without_a_mail_server_and_no_mail_is_promised(app: AppFixture) -> None:
    member = Member(app)
    assert member.set_email(member.address).get_json() == {"email": member.address, "sent": False}
    assert member.ask("POST", "/me/email/verification").status_code == 409
    assert member.reset(member.address).status_code == 409


def test_an_address_is_accepted_while_the_mail_server_cannot_be_reached(
    redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    built = build_app(tmp_path_factory.mktemp("data"), redis_server, GAVEL_SMTP_URL="smtp://127.0.0.1:1")
    member = Member(built)
    assert member.set_email(member.address).status_code == 200
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://x", "smtp://", "smtp://h:99999", "smtp://h/path"]
)
def test_a_wrong_smtp_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="GAVEL_SMTP_URL"):
        Settings.from_env({"GAVEL_SMTP_URL": url})


def test_an_smtp_url_gives_host_port_user_and_password() -> None:
    server = Settings.from_env({"GAVEL_SMTP_URL": "smtps://gavel%40x:p%2Fw@mail.example.org"}).smtp_url
    assert server is not None
    assert (server.host, server.port, server.user, server.password, server.smtps) == (
        *("mail.example.org", 465, "gavel@x", "p/w", True),
    )


def test_a_verification_link_is_not_sent_if_the_address_was_changed_meanwhile(
    member: Member, mailbox: Mailbox
) -> None:
    services = member.app.services
    member.set_email(member.address)
    before = services.accounts.by_name(member.name)
    assert before is not None
    mailbox.token()
    member.set_email(f"other.{member.address}")
    mailbox.token()
    # Another process may still have the old account in its cache for some seconds.
    with pytest.raises(Conflict):
        services.email_service.send_verification(before)
    assert mailbox.is_empty
    assert not member.is_verified


def test_a_reset_link_expires_when_the_address_of_the_account_is_replaced(
    member: Member, mailbox: Mailbox
) -> None:
    member.set_email(member.address)
    assert member.verify(mailbox.token()) == 204
    member.reset(member.address)
    token = mailbox.token()
    member.set_email(f"other.{member.address}")
    body = {"token": token, "new_password": NEW}
    assert member.app.client.post("/password-resets", json=body).status_code == 422
