#!/usr/bin/env python3
"""Tells which locked dependencies ask for a newer Rust than the workspace promises.

Reads `cargo metadata` for the root workspace. Dependencies that users get (normal and build) must keep the promise;
those of tests and examples only are told, since they never reach a user.
"""

import json
import subprocess
import sys


def version(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in text.split("-")[0].split(".")]
    return tuple(numbers + [0] * (3 - len(numbers)))


def main() -> int:
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    members = metadata["workspace_members"]
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

    promises = {packages[member]["name"]: packages[member]["rust_version"] for member in members}
    if None in promises.values() or len(set(promises.values())) != 1:
        print(f"every member must promise one and the same rust-version: {promises}")
        return 1
    promise = next(iter(promises.values()))

    def reached(start: list[str], kinds: set[str | None]) -> set[str]:
        seen, queue = set(start), list(start)
        while queue:
            node = nodes[queue.pop()]
            for dependency in node["deps"]:
                # Only a member's own dev-dependencies are ever built, and the resolve has no others.
                if any(kind["kind"] in kinds for kind in dependency["dep_kinds"]):
                    if dependency["pkg"] not in seen:
                        seen.add(dependency["pkg"])
                        queue.append(dependency["pkg"])
        return seen

    shipped = reached(members, {None, "build"})

    def too_new(ids: set[str]) -> list[str]:
        rows = []
        for package in (packages[identity] for identity in ids):
            asked = package["rust_version"]
            if asked and version(asked) > version(promise):
                rows.append(f"  {package['name']} {package['version']} asks for Rust {asked}")
        return sorted(rows)

    broken, tests_only = too_new(shipped), too_new(set(nodes) - shipped)
    if tests_only:
        print(f"newer than {promise}, in tests and examples only:", *tests_only, sep="\n")
    if broken:
        print(f"newer than the promised {promise}:", *broken, sep="\n")
        print("lower it with `cargo update NAME --precise VERSION`, or raise rust-version and say so in the changelog")
        return 1
    print(f"{len(shipped)} dependencies hold the promised Rust {promise}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
