"""The pages' types are those of the API: a renamed field fails here and in the pages' build."""

from __future__ import annotations

from tests.docs.reference import PAGE_SCHEMAS, page_schemas_text
from tests.web.app_fixture import AppFixture


def test_the_schemas_that_the_pages_are_built_with_are_those_of_the_api(app: AppFixture) -> None:
    document = app.client.get("/openapi.json").get_json()
    assert PAGE_SCHEMAS.read_text() == page_schemas_text(document), "run `make reference`"
