#!/usr/bin/env bash
# docs/rules.md is the output of `nsproxy rules --markdown`.
diff -u docs/rules.md <(cli/nsproxy rules --markdown) && exit
echo "docs/rules.md is not current; renew it with:"
echo "  ./bazelw run //:nsproxy -- rules --markdown > docs/rules.md"
exit 1
