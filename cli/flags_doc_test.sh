#!/usr/bin/env bash
# docs/flags.md is the output of `nsproxy prove --flags-page`.
diff -u docs/flags.md <(cli/nsproxy prove --flags-page) && exit
echo "docs/flags.md is not current; renew it with:"
echo "  ./bazelw run //:nsproxy -- prove --flags-page > docs/flags.md"
exit 1
