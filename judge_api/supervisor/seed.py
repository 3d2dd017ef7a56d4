"""Migrates the database, and creates the first accounts with their keys and the sample problems.

It runs at every start. An account whose key does not work gets a new key. A sample that has changed becomes
the new version of its problem. Other accounts and problems are not changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from judge_api.services.account_administration import AccountAdministration
from judge_api.store.accounts import AccountStore
from judge_api.store.engine import open_engine
from judge_api.store.problems import ProblemStore, problem_row
from judge_api.store.schema_version import bring_up_to_date
from judge_api.supervisor import CannotStart
from judge_api.supervisor.data_folder import AccountKey, DataFolder, write_private
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import LinkPurpose, Role, Tier
from judge_core.model.errors import GavelError, StoreUnavailable
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.packages import BrokenPackage, PackageStore, StoredPackage

KEY_NAME = "gavel up"
_PAUSE = 0.5


class DatabaseAway(CannotStart):
    """The database does not answer now. A later try may succeed."""


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """One of the accounts that every installation has at first."""

    use: str
    tier: Tier
    role: Role


def first_accounts(tiers: Tiers) -> list[FirstAccount]:
    """A user of each tier, and an administrator."""
    admin_tier = Tier.PREMIUM if Tier.PREMIUM in tiers else tiers.heaviest
    users = [FirstAccount(tier.value, tier, Role.USER) for tier in tiers]
    return [*users, FirstAccount("admin", admin_tier, Role.ADMIN)]


@dataclass(frozen=True, slots=True)
class SeedResult:
    """The keys of the first accounts, a summary, and why some sample packages could not be added."""

    accounts: Mapping[str, AccountKey]
    summary: str
    broken_packages: tuple[str, ...]


def seed_database(
    database_url: str,
    folder: DataFolder,
    known: Mapping[str, AccountKey],
    samples: Path | None,
    tiers: Tiers = DEFAULT_TIERS,
) -> SeedResult:
    """Migrate the database and add what is missing. Raises CannotStart if the database cannot be used, and
    ``DatabaseAway`` if it does not answer."""
    try:
        engine = open_engine(database_url)
    except (SQLAlchemyError, ValueError) as error:
        raise CannotStart(f"the database cannot be used: {error}") from error
    try:
        bring_up_to_date(engine)
        accounts = seed_accounts(engine, known, tiers)
        added, broken = seed_problems(engine, folder, samples)
    except StoreUnavailable as error:
        raise DatabaseAway(f"the database cannot be used: {error}") from error
    except (SQLAlchemyError, ValueError) as error:
        raise CannotStart(f"the database cannot be used: {error}") from error
    finally:
        engine.dispose()
    kind = engine.dialect.name
    summary = f"{kind} is up to date; sample problems added: {', '.join(added) or 'none new'}"
    return SeedResult(accounts, summary, tuple(broken))


def until_it_answers(
    seed: Callable[[], SeedResult],
    seconds: float,
    say: Callable[[str], None],
    check: Callable[[], None],
    clock: Clock = SYSTEM_CLOCK,
) -> SeedResult:
    """Repeat ``seed`` while the database does not answer, for at most ``seconds``. ``say`` is called once
    with the reason. ``check`` raises if waiting cannot help any more."""
    deadline, is_said = clock.monotonic() + seconds, False
    while True:
        try:
            return seed()
        except DatabaseAway as away:
            if clock.monotonic() >= deadline:
                raise
            if not is_said:
                say(f"waiting up to {seconds:.0f} s: {away}")
            is_said = True
        check()
        clock.sleep(_PAUSE)


def seed_accounts(
    engine: Engine, known: Mapping[str, AccountKey], tiers: Tiers = DEFAULT_TIERS
) -> dict[str, AccountKey]:
    """The first accounts with working keys. A known key that does not work is replaced by a new one."""
    store = AccountStore(engine)
    return {first.use: _account(store, first, known.get(first.use)) for first in first_accounts(tiers)}


def _account(store: AccountStore, first: FirstAccount, known: AccountKey | None) -> AccountKey:
    if known is not None and store.by_key(known.key) is not None:
        return known
    account = store.by_name(first.use) or store.add(first.use, first.tier, first.role)
    if first.role is Role.USER and first.tier not in DEFAULT_TIERS and account.tier != first.tier:
        raise CannotStart(
            f"the account {first.use!r} is of the tier {account.tier}, and its name is needed for one of the "
            f"tier {first.tier}: choose another name for the tier in GAVEL_TIERS, or move the account with "
            f"`gavel accounts tier {first.use} {first.tier}` once the tier is defined"
        )
    _, secret = store.issue_key(account.id, KEY_NAME, None)
    return AccountKey(account.name, secret)


def make_sign_in_link(database_url: str, public_url: str, name: str) -> str | None:
    """A one-time sign-in link for an account. ``None`` if there is no such account, it is disabled, or the
    database does not answer."""
    try:
        engine = open_engine(database_url)
        administration = AccountAdministration(engine, public_url.rstrip("/"))
        account = administration.accounts.by_name(name)
        made = administration.make_link(KEY_NAME, account, LinkPurpose.SIGN_IN) if account else None
    except (GavelError, SQLAlchemyError):
        return None
    engine.dispose()
    return made.url if made else None


def seed_problems(engine: Engine, folder: DataFolder, samples: Path | None) -> tuple[list[str], list[str]]:
    """Add every sample package that is new or has changed since it was added. Returns (added, broken).

    If an admin has replaced or deleted the problem since, that stays so until the sample itself changes. A
    problem that is hidden or archived is not published again. A stored package that the disk has damaged is
    stored again.
    """
    fingerprints = _read_fingerprints(folder)
    store, library = ProblemStore(engine), PackageStore(folder.root / "packages")
    added: list[str] = []
    broken: list[str] = []
    for package, current in _found(samples):
        try:
            if fingerprints.get(_slug(package)) == current:
                _restore(store, library, package)
                continue
            known = store.get(_slug(package))
            publish = known is None or known.is_published
            store.put(problem_row(_add_package(library, package), None), publish=publish)
        except BrokenPackage as error:
            broken.append(f"{_slug(package)}: {error}")
        else:
            fingerprints[_slug(package)] = current
            added.append(_slug(package))
    write_private(
        folder.root / "sample-problems.json", json.dumps(fingerprints, indent=1, allow_nan=False) + "\n"
    )
    return added, broken


def _found(samples: Path | None) -> list[tuple[Path, str]]:
    return [(package, fingerprint(package)) for package in _packages(samples)] if samples else []


def _restore(store: ProblemStore, library: PackageStore, package: Path) -> None:
    """Store the sample package again if the disk has lost or damaged the package of the problem's version."""
    known = store.get(_slug(package))
    if known is not None and not library.is_intact(known.version):
        _add_package(library, package)


def _packages(samples: Path) -> Iterator[Path]:
    """The sample packages: folders in a checkout, zips in an installed wheel."""
    return (path for path in sorted(samples.iterdir()) if _is_zip(path) or (path / "problem.yaml").is_file())


def _slug(package: Path) -> str:
    return package.name.removesuffix(".zip")


def _is_zip(path: Path) -> bool:
    return path.suffix == ".zip"


def _add_package(library: PackageStore, package: Path) -> StoredPackage:
    return library.add_zip(package) if _is_zip(package) else library.add_folder(package)


def fingerprint(package: Path) -> str:
    """A hash that changes when a package is edited. For a folder it covers the names, sizes and times of its
    files, which is fast.

    For a zip it covers the content, since another installation of the same zip gives it another time.
    """
    if _is_zip(package):
        return hashlib.sha256(package.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(package)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read_fingerprints(folder: DataFolder) -> dict[str, str]:
    try:
        return dict(json.loads((folder.root / "sample-problems.json").read_text()))
    except (OSError, ValueError, TypeError, RecursionError):
        return {}
