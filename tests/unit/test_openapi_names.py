"""Each schema has a plain name. If two schemas had the same name, the outer model's name is put in front."""

from __future__ import annotations

from typing import Any

from judge_api.http.openapi_names import use_plain_names


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _spec(**schemas: Any) -> dict[str, Any]:
    return {
        "paths": {"/a": {"get": {"schema": _ref("A")}}},
        "components": {"schemas": {name.replace("__", "."): schema for name, schema in schemas.items()}},
    }


def test_equal_inner_models_of_two_outer_models_become_a_single_schema() -> None:
    role = {"enum": ["user", "admin"]}
    spec = _spec(A={"role": _ref("A.Role")}, A__Role=role, B={"role": _ref("B.Role")}, B__Role=dict(role))
    use_plain_names(spec)
    assert spec["components"]["schemas"] == {
        "A": {"role": _ref("Role")},
        "Role": role,
        "B": {"role": _ref("Role")},
    }


def test_two_different_inner_models_of_the_same_name_get_the_outer_model_s_name_in_front() -> None:
    spec = _spec(
        A={"x": _ref("A.Row")}, A__Row={"type": "string"}, B={"x": _ref("B.Row")}, B__Row={"type": "integer"}
    )
    use_plain_names(spec)
    found = spec["components"]["schemas"]
    assert found["ARow"] == {"type": "string"}
    assert found["BRow"] == {"type": "integer"}
    assert found["B"] == {"x": _ref("BRow")}


def test_models_that_refer_to_different_models_get_different_names() -> None:
    spec = _spec(
        A__Row={"x": _ref("A.Cell")},
        A__Cell={"type": "string"},
        B__Row={"x": _ref("B.Cell")},
        B__Cell={"type": "null"},
    )
    use_plain_names(spec)
    assert set(spec["components"]["schemas"]) == {"ARow", "ACell", "BRow", "BCell"}


def test_an_outer_model_keeps_its_name_beside_an_inner_model_of_that_name() -> None:
    spec = _spec(Row={"type": "string"}, A__Row={"type": "integer"})
    use_plain_names(spec)
    assert spec["components"]["schemas"] == {"Row": {"type": "string"}, "ARow": {"type": "integer"}}
