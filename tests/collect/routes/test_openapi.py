"""Routes from OpenAPI documents: base paths, fields from responses, persons in parameters; broken ones."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.collect.routes.openapi import beside, routes_from_openapi
from haechi.model.errors import SettingsError
from haechi.model.settings import DescribedRoute, RouteSettings

DOCUMENT = """\
openapi: 3.1.0
info: {title: shop, version: "1"}
servers:
  - url: https://{host}/api/{version}/
    variables: {version: {default: v2}, host: {default: shop.example}}
paths:
  /members/{memberId}:
    parameters: [{$ref: "#/components/parameters/member"}]
    get:
      responses:
        "200": {$ref: "#/components/responses/member"}
        "400": {content: {application/json: {schema: {properties: {email: {}}}}}}
    delete:
      responses: {"204": {description: gone}}
  /me/addresses:
    get:
      responses:
        2XX:
          content:
            application/json:
              schema:
                type: array
                items:
                  allOf:
                    - {properties: {recipientName: {}, zipCode: {}, "휴대폰번호": {}}}
                    - {properties: {door_code: {}}}
  /products/{id}:
    get:
      responses:
        "200":
          content: {application/json: {schema: {properties: {name: {}, price: {}, photo: {}, ipAddress: {}}}}}
  /lookup:
    get:
      parameters: [{name: page, in: query}, {name: customer_no, in: query}]
      responses:
        "200": {content: {application/json: {schema: {properties: {氏名: {}, お届け先: {}}}}}}
  /reports/daily:
    x-haechi: {fields: [order], action: export}
    post:
      x-haechi: {subject: "query:who"}
      responses: {}
components:
  parameters:
    member: {name: memberId, in: path, required: true}
  responses:
    member: {content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}}
  schemas:
    Member:
      properties:
        name: {type: string}
        emailAddress: {type: string}
        friends: {type: array, items: {$ref: "#/components/schemas/Member"}}
        birthday: {type: string}
        elsewhere: {$ref: "other.yaml#/x"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "api.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def test_a_document_becomes_routes(tmp_path: Path) -> None:
    base = "/api/v2"
    profile, person = ["birth_date", "email", "name"], "path:memberId"
    assert routes_from_openapi(write(tmp_path, DOCUMENT)) == [
        RouteSettings(f"{base}/members/{{memberId}}", "GET", "view", profile, person),
        DescribedRoute(f"{base}/members/{{memberId}}", "DELETE", "delete", [], person),
        RouteSettings(
            f"{base}/me/addresses", "GET", "view", ["address", "entrance_code", "name", "phone"], "token"
        ),
        DescribedRoute(f"{base}/products/{{id}}", "GET", "view", [], "none"),
        RouteSettings(f"{base}/lookup", "GET", "view", ["address", "name"], "query:customer_no"),
        RouteSettings(f"{base}/reports/daily", "POST", "export", ["order"], "query:who"),
    ]


def test_json_and_several_servers(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    servers = [{"url": "https://a.example/x"}, {"url": "https://b.example/x/"}, {"url": "/y"}]
    path.write_text(json.dumps({"openapi": "3.0.3", "servers": servers, "paths": {"/a": {"get": {}}}}))
    assert [route.path for route in routes_from_openapi(path)] == ["/x/a", "/y/a"]


def test_own_routes_win_over_described_ones() -> None:
    own = [RouteSettings("/a/{x}"), RouteSettings("/b", "GET")]
    described = [RouteSettings("/a/{id}", "GET"), RouteSettings("/b", "GET"), RouteSettings("/b", "POST")]
    assert beside(own, described) == [*own, RouteSettings("/b", "POST")]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("swagger: '2.0'", "", "not an OpenAPI 3 document"),
        ("[]", "", "not an OpenAPI 3 document"),
        ("openapi: 3.0.0\npaths: 3", "paths", "mapping"),
        ("openapi: 3.0.0\nservers: 3", "servers", "list"),
        ("openapi: 3.0.0\npaths: {/a: {get: 3}}", "paths./a.get", "mapping"),
        ("openapi: 3.0.0\npaths: {'/a/{b': {get: {}}}", "paths./a/{b", "no template"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: '#/nowhere'}}", "paths./a", "leads nowhere"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: '#/paths/~1a'}}", "paths./a", "leads to itself"),
        ("openapi: 3.0.0\npaths: {/a: {get: {parameters: {}, responses: 3}}}", "paths./a.get", "mapping"),
        ("openapi: 3.0.0\npaths: {/a: {get: {parameters: 3}}}", "paths./a.get.parameters", "list"),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {x-haechi: {field: []}}}}",
            "paths./a.get.x-haechi",
            "other than fields",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {x-haechi: {fields: x}}}}",
            "paths./a.get.x-haechi",
            "other than fields",
        ),
        ("openapi: 3.0.0\npaths: {/a: {get: {x-haechi: {action: look}}}}", "paths./a.get", "unknown action"),
        ("openapi: 3.0.0\npaths: {/a: {get: {x-haechi: {subject: 'path:x'}}}}", "paths./a.get", "not there"),
        ("openapi: 3.0.0\npaths: {", ", line 3", "neither valid YAML nor JSON"),
    ],
)
def test_a_broken_document_names_the_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        routes_from_openapi(write(tmp_path, text))
    assert says in caught.value.what
    assert caught.value.where.endswith(place)


def test_a_missing_document_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        routes_from_openapi(tmp_path / "none.yaml")


def test_yaml_that_would_run_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="neither valid YAML"):
        routes_from_openapi(write(tmp_path, "openapi: !!python/object/apply:os.getcwd []"))


_WORDS = "openapi paths /a /{b} get responses 200 content json schema properties items $ref parameters allOf"
_KEYS = st.sampled_from([*_WORDS.split(), "x-haechi", "fields", "subject", "servers", "url", "name", "in"])
_LEAVES = (
    st.none() | st.integers() | st.sampled_from(["3.0.0", "#/paths", "#", "#/paths/~1a/get", "email", "path"])
)
_TREES = st.recursive(
    _LEAVES, lambda t: st.lists(t, max_size=3) | st.dictionaries(_KEYS, t, max_size=4), max_leaves=25
)


@given(st.dictionaries(_KEYS, _TREES, max_size=4), st.booleans())
def test_any_document_is_read_or_refused_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object], versioned: bool
) -> None:
    path = tmp_path_factory.mktemp("o") / "api.json"
    path.write_text(json.dumps({**document, "openapi": "3.0.0"} if versioned else document))
    try:
        assert all(route.path.startswith("/") for route in routes_from_openapi(path))
    except SettingsError as error:
        assert str(path) in error.where
