"""Counts the results of a Bazel test run: count_results.py EVENTS STATUS FAILED_CHECKS

EVENTS is what Bazel wrote for --build_event_json_file, STATUS its exit status, FAILED_CHECKS what
failed beside it. A GoogleTest target counts as its cases, any other target as one. A case is
skipped if GTEST_SKIP said so; another test says so with a line "SKIPPED: reason". Whatever failed
without a result of its own (it did not build, crashed, timed out) counts as one failed.

Prints what failed and what was skipped and why; the last line is the count. Exit 3: some failed.
"""

import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ET


def read_events(path):
    try:
        with open(path, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        print(f"no build events: {error}")
        return []


def xml_of(result):
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
            try:
                return ET.parse(path).getroot()
            except (OSError, ET.ParseError):
                return None
    return None


def cases_of(result):
    """(name, outcome, reason) of each case of one run of a test."""
    passed = result["status"] in ("PASSED", "FLAKY")
    root = xml_of(result)
    cases = []
    for case in root.iter("testcase") if root is not None else []:
        name = ".".join(filter(None, [case.get("classname"), case.get("name")]))
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            cases.append((name, "failed", ""))
        elif skipped is not None:
            # GoogleTest's message is the place, a line end, and the reason.
            reason = skipped.get("message", "").partition("\n")[2]
            cases.append((name, "skipped", " ".join(reason.split()) or "no reason given"))
        elif case.get("result") == "suppressed":
            cases.append((name, "skipped", "disabled"))
        else:
            cases.append((name, "passed", ""))

    # Bazel writes the XML of a test that writes none: one case, and the log beside it.
    log = "".join(text.text or "" for text in root.iter("system-out")) if root is not None else ""
    skip = re.search(r"^SKIPPED: (.+)", log, re.MULTILINE)
    if passed and skip:
        return [("", "skipped", skip.group(1))]
    if passed:
        return cases or [("", "passed", "")]
    if not any(outcome == "failed" for _, outcome, _ in cases):
        cases.append(("", "failed", result["status"]))
    return cases


def collect(events):
    """Label -> cases, for each test target and for each other target that did not build."""
    runs = {}
    broken = {}
    for event in events:
        kind, id_ = next(iter(event["id"].items()))
        if kind == "testResult":
            # A later attempt of the same run replaces an earlier one.
            run = (id_["label"], id_.get("run"), id_.get("shard"))
            runs[run] = cases_of(event["testResult"])
        elif kind == "targetCompleted" and not event.get("completed", {}).get("success"):
            broken[id_["label"]] = event.get("aborted", {}).get("reason", "did not build")

    found = {}
    for (label, _, _), cases in runs.items():
        found.setdefault(label, []).extend(cases)
    for label, reason in broken.items():
        found.setdefault(label, [("", "failed", reason)])
    return found


def main():
    events, status, failed_checks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    count = {"passed": 0, "failed": failed_checks, "skipped": 0}
    for label, cases in sorted(collect(read_events(events)).items()):
        for name, outcome, reason in cases:
            count[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {label} {name}".rstrip() + (f": {reason}" if reason else ""))
    # A run of nothing is no success either.
    if count["failed"] == failed_checks and (status != 0 or not count["passed"]):
        print(f"failed: the test command: exit status {status}, {count['passed']} tests passed")
        count["failed"] += 1

    line = f"{count['passed']} passed, {count['failed']} failed"
    if count["skipped"]:
        line += f", {count['skipped']} skipped"
    print(line)
    return 3 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
