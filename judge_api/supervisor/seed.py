"""The first start: tables, the three accounts with their keys, the sample problems.

Everything here may be done again at every start: what is there already is left as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from judge_api.store.accounts import AccountStore
from judge_api.store.engine import migrate, open_engine
from judge_api.store.problems import ProblemStore, problem_row
from judge_api.supervisor.credentials import KnownAccount
from judge_api.supervisor.data_folder import DataFolder, write_private
from judge_api.supervisor.errors import CannotStart
from judge_core.model.account import Role, Tier
from judge_core.model.errors import StoreUnavailable
from judge_core.packages import BrokenPackage, PackageLibrary

KEY_NAME = "gavel up"


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """One of the accounts that every house starts with."""

    use: str
    tier: Tier
    role: Role


FIRST_ACCOUNTS = (
    FirstAccount("normal", Tier.NORMAL, Role.USER),
    FirstAccount("premium", Tier.PREMIUM, Role.USER),
    FirstAccount("admin", Tier.PREMIUM, Role.ADMIN),
)


@dataclass(frozen=True, slots=True)
class Furnished:
    """What the house starts with; ``broken`` are sample packages that could not be read, and why."""

    accounts: Mapping[str, KnownAccount]
    sentence: str
    broken: tuple[str, ...]


class Furnishing:
    """Brings the database of one house up to date and fills what is missing."""

    def __init__(self, database_url: str, folder: DataFolder) -> None:
        self._database_url = database_url
        self._folder = folder

    def arrange(self, known: Mapping[str, KnownAccount], samples: Path | None) -> Furnished:
        """Raises CannotStart when the database cannot be used."""
        try:
            engine = open_engine(self._database_url)
            migrate(engine)
            accounts = furnish_accounts(engine, known)
            added, broken = furnish_problems(engine, self._folder, samples)
        except (StoreUnavailable, SQLAlchemyError, ValueError) as error:
            raise CannotStart(f"the database cannot be used: {error}") from error
        kind = engine.dialect.name
        engine.dispose()
        sentence = f"{kind} is up to date; sample problems added: {', '.join(added) or 'none new'}"
        return Furnished(accounts, sentence, tuple(broken))


def furnish_accounts(engine: Engine, known: Mapping[str, KnownAccount]) -> dict[str, KnownAccount]:
    """The three accounts with keys that work: the known ones, or new ones where they do not."""
    store = AccountStore(engine)
    return {first.use: _account(store, first, known.get(first.use)) for first in FIRST_ACCOUNTS}


def _account(store: AccountStore, first: FirstAccount, known: KnownAccount | None) -> KnownAccount:
    if known is not None and store.by_key(known.key) is not None:
        return known
    account = store.by_name(first.use) or store.add(first.use, first.tier, first.role)
    _, secret = store.issue_key(account.id, KEY_NAME, None)
    return KnownAccount(account.name, secret)


def furnish_problems(engine: Engine, folder: DataFolder, samples: Path | None) -> tuple[list[str], list[str]]:
    """Offer every sample package that is new or was changed since it was last added; (added, broken).

    A problem that an admin has replaced or withdrawn meanwhile stays as the admin left it, unless the
    sample itself changes.
    """
    seen = _read_seen(folder)
    store, library = ProblemStore(engine), PackageLibrary(folder.root / "packages")
    added: list[str] = []
    broken: list[str] = []
    for package, mark in _changed(samples, seen):
        try:
            store.put(problem_row(library.add_folder(package), None))
        except BrokenPackage as error:
            broken.append(f"{package.name}: {error}")
        else:
            seen[package.name] = mark
            added.append(package.name)
    write_private(folder.root / "sample-problems.json", json.dumps(seen, indent=1) + "\n")
    return added, broken


def _changed(samples: Path | None, seen: Mapping[str, str]) -> list[tuple[Path, str]]:
    found = [(package, fingerprint(package)) for package in _packages(samples)] if samples else []
    return [(package, mark) for package, mark in found if seen.get(package.name) != mark]


def _packages(samples: Path) -> Iterator[Path]:
    return (path for path in sorted(samples.iterdir()) if (path / "problem.yaml").is_file())


def fingerprint(package: Path) -> str:
    """Names, sizes and times of a package's files: cheap, and different after any edit."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(package)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read_seen(folder: DataFolder) -> dict[str, str]:
    try:
        return dict(json.loads((folder.root / "sample-problems.json").read_text()))
    except (FileNotFoundError, ValueError):
        return {}
