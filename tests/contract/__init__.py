import pytest

pytest.register_assert_rewrite("tests.contract.backends")  # its fixtures are a plugin, and it is imported too
