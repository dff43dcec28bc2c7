"""What every test has: the promises hook, and a budget for property tests."""

import os

from hypothesis import HealthCheck, settings

from tests.house.promises_register import pytest_addoption, pytest_configure

__all__ = ["pytest_addoption", "pytest_configure"]

settings.register_profile(
    "house",
    deadline=None,  # a shared machine is no stop-watch
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "60")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
settings.load_profile("house")
