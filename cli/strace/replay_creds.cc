// Credentials: ids, capabilities, and the prctl options that namespace rules depend on.
#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

// What setuid(2) and setreuid(2) mean in terms of the three ids: it depends on what the caller may
// do and what it has (kernel/sys.c).
struct Ids {
  abi::Id real = abi::kUnchanged;
  abi::Id effective = abi::kUnchanged;
  abi::Id saved = abi::kUnchanged;
};

Ids set_one(abi::Id wanted, bool privileged) {
  if (privileged) return {wanted, wanted, wanted};
  return {abi::kUnchanged, wanted, abi::kUnchanged};
}

// The saved id follows the effective one if the real id is set, or the effective one becomes
// something else than the old real id.
Ids set_two(abi::Id real, abi::Id effective, abi::Id old_real) {
  const bool follows =
      real != abi::kUnchanged || (effective != abi::kUnchanged && effective != old_real);
  return {real, effective, follows ? effective : abi::kUnchanged};
}

}  // namespace

void Replay::do_set_ids(Now& now) {
  const auto first = strace_log::id(now.arg(0));
  if (!first) return;
  const abi::TaskView view = program_.view(id(now.task));
  const auto has = [&](int c) { return (view.effective & abi::cap_bit(c)) != 0; };
  const abi::Id second = strace_log::id(now.arg(1)).value_or(abi::kUnchanged);
  Ids ids;
  bool group = false;
  switch (now.call.sys) {
    case Sys::setuid:
      ids = set_one(*first, has(abi::cap::SETUID));
      break;
    case Sys::setgid:
      group = true;
      ids = set_one(*first, has(abi::cap::SETGID));
      break;
    case Sys::setreuid:
      ids = set_two(*first, second, view.uid[0]);
      break;
    case Sys::setregid:
      group = true;
      ids = set_two(*first, second, view.gid[0]);
      break;
    default:
      group = now.call.sys == Sys::setresgid;
      ids = {*first, second, strace_log::id(now.arg(2)).value_or(abi::kUnchanged)};
      break;
  }
  if (group) {
    judge(now, abi::Setresgid{ids.real, ids.effective, ids.saved});
  } else {
    judge(now, abi::Setresuid{ids.real, ids.effective, ids.saved});
  }
  const abi::TaskView after = program_.view(id(now.task));
  if (after.uid != view.uid || after.gid != view.gid) changed(now);
}

void Replay::do_capset(Now& now) {
  const Value* const sets = now.arg(1);
  if (sets == nullptr || sets->kind != Value::Kind::structure) return;
  const auto effective = capabilities(sets->find("effective"));
  const auto permitted = capabilities(sets->find("permitted"));
  const auto inheritable = capabilities(sets->find("inheritable"));
  if (!effective || !permitted || !inheritable) return;
  judge(now, abi::Capset{*effective, *permitted, *inheritable});
  if (now.ok()) changed(now);
}

void Replay::do_prctl(Now& now) {
  const auto option = number(now.arg(0));
  const std::uint64_t argument = number(now.arg(1)).value_or(0);
  if (!option) return;
  const auto is = [&](std::string_view name) { return *option == constant(name); };
  abi::Prctl op{.arg = argument};
  if (is("PR_CAPBSET_DROP")) {
    op.op = abi::PrctlOp::capbset_drop;
  } else if (is("PR_SET_KEEPCAPS")) {
    op.op = abi::PrctlOp::set_keepcaps;
  } else if (is("PR_SET_DUMPABLE")) {
    op.op = abi::PrctlOp::set_dumpable;
  } else if (is("PR_SET_CHILD_SUBREAPER")) {
    op.op = abi::PrctlOp::set_child_subreaper;
  } else if (is("PR_SET_SECUREBITS")) {
    // Of the secure bits the model has one.
    if (!now.ok()) return;
    const bool keep = (known_bits(now.arg(1)) & constant("SECBIT_KEEP_CAPS")) != 0;
    program_.apply(id(now.task), abi::Prctl{abi::PrctlOp::set_keepcaps, keep}, now.line);
    return;
  } else if (is("PR_CAP_AMBIENT")) {
    op.arg = number(now.arg(2)).value_or(0);
    if (argument == constant("PR_CAP_AMBIENT_RAISE")) {
      op.op = abi::PrctlOp::ambient_raise;
    } else if (argument == constant("PR_CAP_AMBIENT_LOWER")) {
      op.op = abi::PrctlOp::ambient_lower;
    } else if (argument == constant("PR_CAP_AMBIENT_CLEAR_ALL")) {
      op.op = abi::PrctlOp::ambient_clear_all;
    } else {
      return;  // reads
    }
  } else {
    return;
  }
  const bool keeps = op.op == abi::PrctlOp::set_child_subreaper ||
                     op.op == abi::PrctlOp::set_dumpable || op.op == abi::PrctlOp::set_keepcaps;
  judge(now, op);
  if (now.ok() && !keeps && op.op != abi::PrctlOp::capbset_drop) changed(now);
}

}  // namespace cli::strace_log
