// The state that every system starts from: the initial namespaces and t0 (abi/system.h).
#include "model/process.h"

namespace model {

State::State(const abi::Setup& given) : setup(given) {
  touch_owners = setup.profile.at_least(6, 19);
  for (NsType type : {NsType::user, NsType::mnt, NsType::uts, NsType::ipc, NsType::pid,
                      NsType::cgroup, NsType::net, NsType::time}) {
    const Slot slot = ns.make();
    Ns& n = ns[slot];
    n.type = type;
    n.initial = true;
    n.had_init = true;
    n.frozen = true;
    n.age = ++ages;
    n.max.fill(0x7fffffff);
    n.uid_map.identity = n.gid_map.identity = true;
    n.parent_could_setfcap = true;
    initial[abi::index(type)] = slot;
    if (type != NsType::user) n.owner.at = initial[abi::index(NsType::user)];
    ++live_ns[abi::index(type)];
  }

  const Slot t0 = tasks.make();
  tasks[t0].id = abi::kInitialTask;
  tasks[t0].state = TaskState::running;
  task_names.set(abi::kInitialTask.n, t0);

  const Slot user = initial[abi::index(NsType::user)];
  const Slot cred = creds.make();
  Cred& c = creds[cred];
  c.uid.fill(setup.uid);
  c.gid.fill(setup.gid);
  c.effective = c.permitted = setup.caps & abi::kCapFull;
  c.bounding = setup.bounding & abi::kCapFull;
  const Ref cred_ref{ObjKind::cred, cred};
  c.user_ns = hold(cred_ref, {ObjKind::user, user}, Why::cred_user_ns);
  const Slot uc = get_ucounts(*this, user, setup.uid);
  creds[cred].ucounts = hold(cred_ref, {ObjKind::ucounts, uc}, Why::cred_ucounts);
  tasks[t0].cred = hold_by_task(t0, cred_ref, Why::task_cred);

  Slots slots{};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = initial[abi::index(type_of(static_cast<NsLink>(i)))];
  }
  const Slot root = fs.make();
  fs[root].root_ns = id(ns_ref(initial[abi::index(NsType::mnt)]));
  const Slot group = signals.make();
  signals[group].leader = t0;
  Task& t = tasks[t0];
  t.nsproxy = hold_by_task(t0, {ObjKind::nsproxy, make_nsproxy(*this, slots)}, Why::task_nsproxy);
  t.fs = hold_by_task(t0, {ObjKind::fs, root}, Why::task_fs);
  t.files = hold_by_task(t0, {ObjKind::files, files.make()}, Why::task_files);
  t.mm = hold_by_task(t0, {ObjKind::mm, make_mm(*this, user, true)}, Why::task_mm);
  t.sighand = hold_by_task(t0, {ObjKind::sighand, sighands.make()}, Why::task_sighand);
  t.signal = hold_by_task(t0, {ObjKind::signal, group}, Why::task_signal);
  add_thread(*this, group, t0);
  const Slot pid = alloc_pid(*this, initial[abi::index(NsType::pid)], {});
  pids[pid].task = t0;
  t.pid = hold_by_task(t0, {ObjKind::pid, pid}, Why::task_pid);
  touched_objects.clear();
}

}  // namespace model
