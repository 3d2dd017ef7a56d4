import pytest

# Tests import ``backends``, and pytest loads it as a plugin too. Without this line its asserts are not
# rewritten.
pytest.register_assert_rewrite("tests.contract.backends")
