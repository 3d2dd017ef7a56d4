"""Random messages and random settings of packages are parsed or refused. Each kind of message is
tried 200 times, and each kind of setting 25 times. `make test-fuzz` does this for minutes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz import packages
from tests.fuzz.messages import TARGETS
from tests.fuzz.reports_and_files import Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_random_message_is_parsed_or_refused(target: Target) -> None:
    quick = settings(max_examples=200, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    seed(1)(quick(given(target.inputs)(lambda message: target.check(message))))()


@pytest.mark.parametrize("target", packages.TARGETS, ids=lambda target: target.name)
def test_random_settings_of_a_package_are_parsed_or_refused(target: Target) -> None:
    quick = settings(max_examples=25, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    seed(1)(quick(given(target.inputs)(lambda content: target.check(content))))()
