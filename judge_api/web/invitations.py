"""Invitations that need no table: a term and a mark, signed with the server's secret."""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

LASTS = timedelta(days=14)
_PURPOSE = "invitation"


def make_invitation(secret_key: str, invited_by: str) -> str:
    """Opens the sign-up for two weeks, for whoever holds it."""
    return str(URLSafeTimedSerializer(secret_key, _PURPOSE).dumps(invited_by))


def fits_invitation(secret_key: str, text: str) -> bool:
    try:
        URLSafeTimedSerializer(secret_key, _PURPOSE).loads(text, max_age=int(LASTS.total_seconds()))
    except BadSignature:
        return False
    return True
