"""Checks a value against a JSON Schema, as far as ours use the language: anything else in a schema
is an error, so that nothing is passed over unnoticed."""

from __future__ import annotations

from typing import Any, Callable

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
NOTES = {"$schema", "$defs", "title", "description"}
RULES = {"type", "const", "enum", "minimum", "anyOf", "$ref", "items", "required", "properties",
         "additionalProperties"}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None,
             place: str = "") -> list[str]:
    """What is wrong, each with its place; empty where nothing is."""
    root = schema if root is None else root
    unknown = set(schema) - NOTES - RULES
    if unknown:
        raise ValueError(f"{place or 'the schema'}: cannot check {', '.join(sorted(unknown))}")
    found = [f"{place or 'the whole'}: {problem}" for problem in own_problems(value, schema)]
    if "$ref" in schema:
        found += problems(value, resolve(schema["$ref"], root), root, place)
    if "anyOf" in schema:
        choices = [problems(value, choice, root, place) for choice in schema["anyOf"]]
        if all(choices):
            found += min(choices, key=len)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += problems(item, schema["items"], root, f"{place}[{number}]")
    if isinstance(value, dict):
        for name, rule in schema.get("properties", {}).items():
            if name in value:
                found += problems(value[name], rule, root, f"{place}.{name}")
    return found


def own_problems(value: Any, schema: dict[str, Any]) -> list[str]:
    """Those of the value itself, not of what is in it."""
    found = []
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[each](value) for each in types):
        return [f"is no {' or '.join(types)}: {value!r}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"is not {schema['const']!r}: {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"is none of {schema['enum']}: {value!r}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"is below {schema['minimum']}: {value!r}")
    if isinstance(value, dict):
        found += [f"lacks {name}" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"has {name}, which is not described"
                      for name in value if name not in schema.get("properties", {})]
    return found


def resolve(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    schema = root
    for name in reference.removeprefix("#/").split("/"):
        schema = schema[name]
    return schema
