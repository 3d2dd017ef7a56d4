"""The pages use the types of the API. If a field is renamed, a test here and the build of the pages fail."""

from __future__ import annotations

from tests.docs.reference import PAGE_SCHEMAS, page_schemas_text
from tests.web.app_fixture import AppFixture


def test_the_schemas_of_the_pages_equal_those_of_the_api(app: AppFixture) -> None:
    document = app.client.get("/openapi.json").get_json()
    assert PAGE_SCHEMAS.read_text() == page_schemas_text(document), "run `make reference`"
