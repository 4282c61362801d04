#!/usr/bin/env python3
"""Judges an Autobahn report: no failed case, no wrong close, and nothing non-strict."""
import collections
import json
import sys

index = json.load(open(sys.argv[1]))
cases = [(number, case) for agent in index.values() for number, case in agent.items()]
# All of them, unless some were asked for.
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 1
if len(cases) < wanted:
    sys.exit(f"Autobahn ran {len(cases)} cases, not {wanted}")

# What the suite itself leaves open: how a peer treats codes and reasons that the RFC does not judge.
PASSED = {"OK", "INFORMATIONAL"}
bad = [
    f"{number}: {case['behavior']}, close {case['behaviorClose']} (code {case['remoteCloseCode']}, {case['duration']} ms)"
    for number, case in cases
    if case["behavior"] not in PASSED or case["behaviorClose"] not in PASSED
]
for kind in ("behavior", "behaviorClose"):
    counted = collections.Counter(case[kind] for _, case in cases)
    print(kind, dict(sorted(counted.items())))
print(len(cases), "cases,", sum(case["duration"] for _, case in cases) // 1000, "s")
if bad:
    sys.exit("\n".join(sorted(bad)))
