// setns: what commit_nsset() does (kernel/nsproxy.c, 6.18), in its order (SETNS-71).
#include "model/calls/calls.h"

namespace model::calls {

abi::Result run(State& s, Slot caller, const abi::Setns& c, std::uint16_t fault) {
  const SetnsFacts facts(s, caller, c);
  const spec::Judgement j = spec::judge<spec::Table::setns>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;

  const Flags wanted = facts.wanted();
  // Looked up before anything changes: the target may be the caller itself.
  Slots slots = slots_of(s, s.tasks[caller]);
  const auto install = [&](NsType type, NsLink link) {
    if (wanted.has(flag_of(type))) slots[abi::index(link)] = facts.target(type);
  };
  install(NsType::mnt, NsLink::mnt);
  install(NsType::uts, NsLink::uts);
  install(NsType::ipc, NsLink::ipc);
  install(NsType::pid, NsLink::pid_for_children);
  install(NsType::cgroup, NsLink::cgroup);
  install(NsType::net, NsLink::net);
  install(NsType::time, NsLink::time);
  install(NsType::time, NsLink::time_for_children);
  const Slot user_ns = wanted.has(flag::NEWUSER) ? facts.target(NsType::user) : kNoSlot;
  const Slot nsproxy = make_nsproxy(s, slots);

  if (user_ns != kNoSlot) {
    const Slot cred = copy_cred(s, s.tasks[caller].cred.at);
    enter_user_ns(s, cred, user_ns);
    commit_creds(s, caller, cred);
  }
  if (wanted.has(flag::NEWNS)) {
    // SETNS-45; in a combined call this is the fs that siblings may share (SETNS-44).
    const Slot fs = s.tasks[caller].fs.at;
    if (!s.held_once({ObjKind::fs, fs})) s.fs[fs].split = true;
    s.fs[fs].inside = false;
    s.fs[fs].root_ns = s.id(s.ns_ref(slots[abi::index(NsLink::mnt)]));
    touch_sharers(s, fs);
  }
  if (wanted.has(flag::NEWIPC)) exit_sem(s, caller);
  if (wanted.has(flag::NEWTIME)) freeze(s, slots[abi::index(NsLink::time)]);
  switch_task_namespaces(s, caller, nsproxy);
  return j.result;
}

}  // namespace model::calls
