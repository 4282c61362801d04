#!/usr/bin/env python3
"""Checks OpenAPI documents with openapi-spec-validator, and that YAML says the same as JSON.

usage: check-openapi.py FILE ..

A file is JSON, YAML, or an insta snapshot of either. Needs: pip install openapi-spec-validator pyyaml
"""

import json
import pathlib
import sys

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if path.endswith(".snap"):
        # ---\nsource: ..\n---\ncontent
        text = text.split("---\n", 2)[2]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return yaml.safe_load(text)


def main(paths):
    if not paths:
        sys.exit(__doc__)
    failed = False
    documents = [read(path) for path in paths]
    for path, document in zip(paths, documents):
        try:
            for error in OpenAPIV31SpecValidator(document).iter_errors():
                failed = True
                place = "/".join(str(part) for part in error.absolute_path)
                print(f"{path}: {place}: {error.message}", file=sys.stderr)
        except Exception as error:  # The validator trips over what it has just complained about.
            failed = True
            print(f"{path}: the validator gave up: {error!r}", file=sys.stderr)
    by_title = {}
    for path, document in zip(paths, documents):
        first = by_title.setdefault((document["info"]["title"], document["info"]["version"]), (path, document))
        # `==` would take 1 for True and 1 for 1.0.
        if json.dumps(first[1]) != json.dumps(document):
            print(f"{first[0]} and {path} are not the same document", file=sys.stderr)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
