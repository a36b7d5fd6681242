#!/bin/sh
# docs/corpus.md and the standing traces are in step: each trace stands in the page, and the page
# names none that is not there.
set -u
page=docs/corpus.md
status=0
named=$(sed -n '/^|/s/.*| *\([^|]*\) *|$/\1/p' "$page" | tr ',' '\n' | sed 's/^ *//; s/ *$//' |
  grep -E '^[a-z0-9]+(_[a-z0-9]+)+$' | sort -u)
[ -n "$named" ] || { echo "$page: no trace is named"; exit 1; }
for trace in props/corpus/*.ns; do
  name=$(basename "$trace" .ns)
  printf '%s\n' "$named" | grep -qx "$name" && continue
  echo "$page: $trace is missing: say whose case it covers, or that no suite has it"
  status=1
done
for name in $named; do
  [ -e "props/corpus/$name.ns" ] && continue
  echo "$page names $name, which props/corpus does not have"
  status=1
done
exit $status
