#!/usr/bin/env bash
# build_core.sh NAME OUT CC OBJCOPY SHIM SOURCES...: compiles a kernel tree's nsproxy.c into OUT, an
# object whose only symbol is the table linux_core_NAME.
#
# SHIM is a file of the folder of kernel.h. SOURCES are nsproxy.c and the tree's Makefile, or one
# linux-source-*.tar.xz with both, or a file "absent" that says why there are none. What was found
# is left in OUT.tar, which is a source too; SEED is a sed script that makes a mistake in it. It
# always succeeds: what cannot be built becomes a core with a reason, so that a build needs no
# kernel source, and an unknown tree says in one line what it asks for that kernel.h has not.
set -euo pipefail
export LC_ALL=C  # messages are read below

name=$1 out=$2 cc=$3 objcopy=$4 shim=$(dirname "$5")
shift 5
work=$(mktemp -d)
mkdir "$work/found"
trap 'rm -rf "$work"' EXIT

compile() {
  "$cc" -std=gnu11 -O2 -fPIC -fno-strict-aliasing -fno-delete-null-pointer-checks -nostdinc \
    -Werror=implicit-function-declaration -I"$work" -I"$work/includes" -I"$shim" \
    "-DCORE=linux_core_$name" -c -o "$out" "$@"
}

# give_up REASON: a core that is only its reason.
give_up() {
  printf '"%s"\n' "$(tr '\n"\\' "  /" <<<"$1" | tr -d '\000-\037')" >"$work/absent_reason.h"
  compile "$shim/absent.c"
  exit 0
}

for source; do
  case $source in
    *.tar.xz)
      # Stops reading when both are found.
      xz -T0 -dc "$source" 2>/dev/null |
        tar -x -C "$work" --strip-components=1 --occurrence=1 --wildcards \
          --no-wildcards-match-slash 'linux-*/Makefile' 'linux-*/kernel/nsproxy.c' \
          2>/dev/null || true
      mv "$work/Makefile" "$work/kernel/nsproxy.c" "$work/found" 2>/dev/null || true
      ;;
    *.tar) tar -x -f "$source" -C "$work/found" ;;
    *) cp "$source" "$work/found" ;;
  esac
done
tar -c -f "$out.tar" -C "$work/found" --mtime=@0 --sort=name --owner=0 --group=0 .
[[ -f $work/found/absent ]] && give_up "$(<"$work/found/absent")"
[[ -f $work/found/nsproxy.c && -f $work/found/Makefile ]] ||
  give_up "no kernel/nsproxy.c and Makefile in it"
mv "$work"/found/* "$work"
[[ -z ${SEED-} ]] || sed -i "$SEED" "$work/nsproxy.c"

version=$(sed -nE 's/^(VERSION|PATCHLEVEL|SUBLEVEL) *= *([0-9]+) *$/\2/p' "$work/Makefile" |
  paste -sd.)
[[ $version == *.*.* ]] || give_up "the tree's Makefile names no version"

# Whatever it includes is in kernel.h.
sed -nE 's/^ *# *include *[<"]([^>"]+)[>"].*/\1/p' "$work/nsproxy.c" | while read -r header; do
  mkdir -p "$work/includes/$(dirname "$header")"
  : >"$work/includes/$header"
done

# Functions that not every version defines: without a body there is none.
defines=()
for function in deactivate_nsproxy exec_task_namespaces exit_nsproxy_namespaces nsproxy_free; do
  grep -Eq "^[a-z].*\b$function\(" "$work/nsproxy.c" && defines+=("-DHAS_$function")
done

# names_in FILE: what the errors in FILE say is not declared.
names_in() {
  local kinds="implicit declaration of function|unknown type name|has no member named"
  grep -E "(^|/)$1:.*error:" "$work/errors" |
    sed -nE "s/.*($kinds) '([^']+)'.*/\2/p; s/.*error: '([^']+)' undeclared.*/\1/p" |
    sort -u | paste -sd' ' || true
}

if ! compile -include "$shim/kernel.h" "-DVERSION=\"$version\"" "${defines[@]}" "$shim/core.c" \
  2>"$work/errors"; then
  missing=$(names_in nsproxy.c)
  first=$(grep -m1 -E '(^|/)nsproxy.c:.*error:' "$work/errors" | sed "s|^$work/||" || true)
  [[ -n $missing ]] && give_up "nsproxy.c of $version needs what kernel.h does not have: $missing"
  # With the line itself: a word that nobody knows shows as a mistake of syntax.
  number=${first#*nsproxy.c:} number=${number%%:*}
  [[ -n $first ]] &&
    give_up "nsproxy.c of $version does not compile: $first: $(sed -n "${number}p" "$work/nsproxy.c")"
  give_up "nsproxy.c of $version lacks functions: $(names_in core.c)"
fi
unknown=$(nm -u "$out" | while read -r _ symbol; do
  grep -qw "$symbol" "$shim/kernel.h" || [[ $symbol == _GLOBAL_OFFSET_TABLE_ ]] || echo "$symbol"
done | paste -sd' ')
[[ -z $unknown ]] || give_up "nsproxy.c of $version needs what kernel.h does not have: $unknown"
"$objcopy" --keep-global-symbol="linux_core_$name" "$out"
