#!/usr/bin/env python3
"""The schema for editors says what the reader reads.

Its keys are those of keys.def and of reason.def, every policy that loads is
valid by it, and every one whose error is in its structure is not.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY = ROOT / "lib" / "policy"
HERE = ROOT / "tests" / "policies"

# Findings that a schema can see: version, keys, types, empty values.
STRUCTURAL = {160, 161, 162, 163, 164, 165, 166, 168, 169, 200, 221, 223, 224}

# Where each key set of keys.def stands in the schema.
SETS = {
    "POLICY": ["#"],
    "DOMAINS": ["#/properties/domains"],
    "INBOUND": ["#/definitions/inbound/anyOf/1"],
    "CONNECTOR": ["#/definitions/connector"],
    "RIGHT": ["#/definitions/connect", "#/definitions/submit",
              "#/definitions/relay/anyOf/1"],
    "RULE": ["#/definitions/" + right + "-" + side
             for right in ("connect", "submit", "relay")
             for side in ("allow", "deny")],
    "AUDIT": ["#/properties/audit"],
    "ACCEPT": ["#/definitions/finding"],
}


class Loader(yaml.SafeLoader):
    """Booleans are plain true and false; all else that is not null or a
    number is text, as the reader has it."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers
            if tag.split(":")[-1] in ("null", "int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
for start in "tf":
    Loader.yaml_implicit_resolvers.setdefault(start, []).append(
        ("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$")))


def fail(message):
    print(message)
    sys.exit(1)


def at(schema, pointer):
    for step in pointer.split("/")[1:]:
        schema = schema[int(step) if isinstance(schema, list) else step]
    return schema


def known_keys():
    keys = {}
    text = (POLICY / "keys.def").read_text()
    for name, key in re.findall(r'^KEY\((\w+), \w+, "([^"]+)"\)', text, re.M):
        keys.setdefault(name, set()).add(key)
    return keys


def check_keys(schema):
    keys = known_keys()
    if set(keys) != set(SETS):
        fail(f"key sets differ: {sorted(keys)}, {sorted(SETS)}")
    for name, pointers in SETS.items():
        found = set()
        for pointer in pointers:
            place = at(schema, pointer)
            found |= set(place["properties"])
            if place.get("additionalProperties") is not False:
                fail(f"{pointer} accepts unknown keys")
        if found != keys[name]:
            fail(f"{name}: {sorted(found ^ keys[name])}")


def check_reasons(schema):
    text = (ROOT / "lib" / "base" / "reason.def").read_text()
    reasons = {name for name, code in
               re.findall(r'^REASON\(\w+, "([^"]+)", \w+, (\d+)', text, re.M)
               if code != "250"}
    found = set(schema["properties"]["replies"]["properties"])
    if found != reasons:
        fail(f"reasons: {sorted(found ^ reasons)}")


def load(path):
    return yaml.load(path.read_text(), Loader)


def expected_ids(path):
    first = path.read_text(errors="replace").split("\n", 1)[0]
    return {int(number) for number in re.findall(r"MR(\d+):", first)}


def check_good(validator):
    count = 0
    for folder in (ROOT / "examples" / "policies", HERE / "everything",
                   HERE / "warnings"):
        for path in sorted(folder.glob("*.yaml")):
            count += 1
            for error in validator.iter_errors(load(path)):
                fail(f"{path} is not valid: {error.message}")
    return count


def check_broken(validator):
    count = 0
    for path in sorted(HERE.glob("*.yaml")):
        ids = expected_ids(path)
        if not ids & STRUCTURAL or ids & set(range(101, 120)):
            continue
        count += 1
        if validator.is_valid(load(path)):
            fail(f"{path} is valid by the schema")
    return count


def main():
    schema = json.loads((POLICY / "mayrelay.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    check_keys(schema)
    check_reasons(schema)
    good, broken = check_good(validator), check_broken(validator)
    if good < 15 or broken < 15:
        fail(f"only {good} good and {broken} broken policies were found")
    print(f"{good} good and {broken} broken policies")


main()
