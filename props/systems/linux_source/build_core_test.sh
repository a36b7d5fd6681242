#!/usr/bin/env bash
# What build_core.sh says of trees that it cannot build: one line, in a core that links.
set -euo pipefail
cd props/systems/linux_source

work=$TEST_TMPDIR
printf 'VERSION = 6\nPATCHLEVEL = 99\nSUBLEVEL = 1\n' >"$work/Makefile"
failures=0

# reason_is TEXT SOURCES...: the core made of SOURCES carries this reason.
reason_is() {
  local text=$1
  shift
  ./build_core.sh test "$work/core.o" gcc objcopy kernel.h "$@"
  [[ $(nm -g "$work/core.o") == *linux_core_test* ]] || { echo "no table for: $text"; failures=1; }
  grep -qaF "$text" "$work/core.o" || { echo "not said: $text"; failures=1; }
}

# with BODY TEXT: the same for a nsproxy.c of that text.
with() {
  printf '%s\n' "$1" >"$work/nsproxy.c"
  reason_is "$2" "$work/nsproxy.c" "$work/Makefile"
}

echo "it is not here: apt-get install it" >"$work/absent"
reason_is "it is not here: apt-get install it" "$work/absent"

with 'int f(void) { return kvfrob(CLONE_FROB); }' \
  "nsproxy.c of 6.99.1 needs what kernel.h does not have: CLONE_FROB"
with 'int f(struct nsproxy *p) { return p->frob_ns != 0; }' \
  "nsproxy.c of 6.99.1 needs what kernel.h does not have: "
# All that core.c looks for.
complete='
int nsproxy_cache_init(void) { return 0; }
int copy_namespaces(u64 flags, struct task_struct *child) { return 0; }
int unshare_nsproxy_namespaces(unsigned long flags, struct nsproxy **made, struct cred *cred,
                               struct fs_struct *fs) { return 0; }
void switch_task_namespaces(struct task_struct *task, struct nsproxy *to) {}
void exit_task_namespaces(struct task_struct *task) {}
void free_nsproxy(struct nsproxy *nsproxy) {}
SYSCALL_DEFINE2(setns, int, fd, int, flags) { return 0; }'
with "$complete" "6.99.1"
! grep -qa "nsproxy.c of" "$work/core.o" || { echo "a reason for a complete file"; failures=1; }
with "$complete
int frobnicate(void); int (*use)(void) = frobnicate;" \
  "nsproxy.c of 6.99.1 needs what kernel.h does not have: frobnicate"
with '#include <linux/frob.h>
}' "nsproxy.c of 6.99.1 does not compile: nsproxy.c:2:"
with 'static frobbed struct nsproxy *f(void);' "f(void);"
with 'int nsproxy_cache_init(void) { return 0; }' \
  "nsproxy.c of 6.99.1 lacks functions: copy_namespaces"

echo "# no version" >"$work/Makefile"
with 'int f;' "the tree's Makefile names no version"

echo "not a tarball" >"$work/linux.tar.xz"
reason_is "no kernel/nsproxy.c and Makefile in it" "$work/linux.tar.xz"

exit $failures
