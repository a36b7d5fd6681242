// What there is to know of a caller: see explain.h.
#include <algorithm>

#include "cli/explain.h"

namespace cli {
namespace {

using abi::NsLink;
using abi::ObjKind;

abi::ObjId ns(const abi::TaskView& t, NsLink link) { return t.ns[abi::index(link)]; }

std::string name(abi::TaskId id) { return "t" + std::to_string(id.n); }

// The other tasks that hold the object of this kind that the task holds: "t1, t2"; "" for none.
std::string sharers(const model::Model& model, const abi::View& view, ObjKind kind,
                    abi::TaskId task) {
  for (const abi::ObjectEntry& object : view.objects) {
    if (object.view.kind != kind) continue;
    const std::vector<model::Holder> holders = model.holders(object.id);
    const auto is_task = [task](const model::Holder& h) {
      return h.by == abi::kNoObject && h.task == task;
    };
    if (std::none_of(holders.begin(), holders.end(), is_task)) continue;
    std::vector<abi::TaskId> others;
    for (const model::Holder& h : holders) {
      if (h.by == abi::kNoObject && h.task != task) others.push_back(h.task);
    }
    std::sort(others.begin(), others.end());
    std::string out;
    for (abi::TaskId other : others) out += (out.empty() ? "" : ", ") + name(other);
    return out;
  }
  return "";
}

std::string credentials(const model::Model& model, const abi::TaskView& t) {
  std::string out = t.uid[1] == 0 ? "root (uid 0)" : "uid " + std::to_string(t.uid[1]);
  if (t.gid[1] != t.uid[1]) out += ", gid " + std::to_string(t.gid[1]);
  if (t.effective == abi::kCapFull) {
    out += " with all capabilities";
  } else {
    out += t.effective == 0 ? " without capabilities" : " with " + abi::caps_to_string(t.effective);
  }
  const auto level = model.object(ns(t, NsLink::user)).detail;
  return out + (level == 0 ? " in the initial user namespace"
                           : " in a user namespace of level " + std::to_string(level));
}

}  // namespace

std::vector<std::string> describe_caller(const model::Model& model, abi::TaskId caller) {
  const abi::TaskView t = model.task(caller);
  const abi::View view = model.view();
  std::vector<std::string> out{credentials(model, t)};
  const auto shares = [&](ObjKind kind, const std::string& what) {
    const std::string others = sharers(model, view, kind, caller);
    if (!others.empty()) out.push_back(what + others);
    return !others.empty();
  };
  // Threads share the other things as well.
  if (!shares(ObjKind::signal, "its process has other threads: ")) {
    shares(ObjKind::mm, "it shares its address space (CLONE_VM) with ");
    shares(ObjKind::sighand, "it shares its signal handlers (CLONE_SIGHAND) with ");
    shares(ObjKind::fs, "it shares its root and working directory (CLONE_FS) with ");
  }
  if (t.chrooted) out.push_back("it is in a chroot");
  if (ns(t, NsLink::pid) != ns(t, NsLink::pid_for_children)) {
    out.push_back("its children go to another pid namespace than its own (pid_for_children)");
  }
  if (ns(t, NsLink::time) != ns(t, NsLink::time_for_children)) {
    out.push_back("a time namespace is pending (time_for_children)");
  }
  return out;
}

}  // namespace cli
