"""The OpenAPI schema of the contract, for drf-spectacular: loaded where that is among the INSTALLED_APPS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiViewExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings

from jotpass.auth.drf.authentication import JWTAuthentication, OptionalJWTAuthentication
from jotpass.auth.drf.contract_view import ContractView
from jotpass.auth.drf.openapi import (
    SECURITY_SCHEMES,
    Operation,
    operation_of,
    person_security,
    responses,
    transport_parameter,
)

if TYPE_CHECKING:
    from jotpass.auth.drf.openapi_bodies import Body, Schema

# One scheme by one name, whichever of its subclasses a view authenticates by.
set_override(JWTAuthentication, "suppress_collision_warning", value=True)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """What `JWTAuthentication` asks for, on any view."""

    target_class = JWTAuthentication
    match_subclasses = True

    @property
    def name(self) -> list[str]:  # type: ignore[override]  # as they are at this moment
        """The names of the schemes: a cookie besides, where the project allows that transport."""
        return list(person_security())

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Return one Security Requirement Object for each: any will do, or none where it is optional."""
        requirements: list[dict[str, list[Any]]] = [{name: []} for name in self.name]
        return [*requirements, {}] if isinstance(self.target, OptionalJWTAuthentication) else requirements

    def get_security_definition(self, auto_schema: AutoSchema) -> list[Schema]:
        """Return the Security Scheme Objects."""
        return [dict(SECURITY_SCHEMES[name]) for name in self.name]


class ContractSchema(AutoSchema):
    """Writes what ``openapi.py`` says of an operation; what a project has added is guessed from its code."""

    registry: Any

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: Any,
    ) -> Schema | None:
        """Return the Operation Object."""
        operation = operation_of(type(self.view), method)
        if operation is None:
            guessed: Schema | None = super().get_operation(path, path_regex, path_prefix, method, registry)
            return guessed
        self.registry = registry
        answer = self._refer(operation.answer) if operation.answer else None
        written: Schema = {
            "operationId": operation.name,
            "summary": operation.summary,
            "tags": ["jotpass"],
            "security": [self._security(name) for name in operation.security],
            "responses": responses(operation, answer),
        }
        if parameters := self._parameters(operation, path):
            written["parameters"] = parameters
        if operation.body:
            written["requestBody"] = self._request_body(operation, operation.body)
        return written

    def _parameters(self, operation: Operation, path: str) -> list[Schema]:
        sid = {"name": "sid", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        return [
            *([sid] if "{sid}" in path else []),
            *([transport_parameter(operation)] if operation.transports else []),
        ]

    def _request_body(self, operation: Operation, body: Body) -> Schema:
        bodies = {"application/json": body, "application/x-www-form-urlencoded": operation.form}
        content = {name: {"schema": self._refer(one)} for name, one in bodies.items() if one}
        return {"content": content, "required": bool(body.required)}

    def _security(self, name: str | None) -> Schema:
        if name is None:
            return {}
        self._register(name, ResolvedComponent.SECURITY_SCHEMA, dict(SECURITY_SCHEMES[name]))
        return {name: []}

    def _refer(self, body: Body) -> Schema:
        return self._register(body.name, ResolvedComponent.SCHEMA, _for_this_version(body.schema))

    def _register(self, name: str, kind: str, schema: Schema) -> Schema:
        component = ResolvedComponent(name=name, type=kind, object=JWTAuthentication, schema=schema)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        reference: Schema = component.ref
        return reference


class ContractSchemas(OpenApiViewExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Gives each view of the contract its schema."""

    target_class = ContractView
    match_subclasses = True

    def view_replacement(self) -> Any:
        """Return the view with a schema of its own."""
        return type(self.target.__name__, (self.target,), {"schema": ContractSchema()})


def _for_this_version(schema: Any) -> Any:
    """Say "or null" as the version of OpenAPI says it that the project publishes."""
    if isinstance(schema, list):
        return [_for_this_version(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: _for_this_version(value) for name, value in schema.items()}
    if spectacular_settings.OAS_VERSION.startswith("3.1") and written.pop("nullable", False):
        written["type"] = [written["type"], "null"]
    return written
