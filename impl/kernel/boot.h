// How a kernel starts: the initial namespaces, and t0 alone in its process.
//
// Mirrors init_nsproxy, init_task and their kind (init/init_task.c, 6.18). The task outside, t0's
// parent, has no objects and no number: it is the null parent that reaps at once, and the child
// reaper of the initial pid namespace for ever (TASK-01). t0 has number 1 there (TASK-07).
#pragma once

#include <limits>

#include "impl/kernel/view.h"
#include "impl/syscalls/fork.h"

namespace impl {

// An initial namespace: its one reference is nobody's, so that it never dies.
template <class T, class K>
T* boot_ns(Cpu<K>& cpu) {
  T* const ns = cpu.template alloc<T>();
  init_ns_head(cpu, *ns, T::kType, true);
  ns->owner = cpu.kernel.init_user_ns;
  return ns;
}

template <class K>
Nsproxy<K>* boot_namespaces(Cpu<K>& cpu) {
  auto* const user = boot_ns<UserNs<K>>(cpu);
  user->level = 0;
  user->owner_uid = user->owner_gid = 0;
  user->parent_could_setfcap = true;
  user->setgroups.set(true);
  user->ucounts = nullptr;
  for (auto& limit : user->limits) limit.set(std::numeric_limits<std::int32_t>::max());
  cpu.kernel.init_user_ns = user;

  auto* const pid = boot_ns<PidNs<K>>(cpu);
  pid->parent = nullptr;
  pid->level = 0;
  pid->child_reaper = nullptr;  // outside
  pid->had_reaper.set(true);
  pid->adding = true;
  pid->ending = false;
  pid->allocated = 1;  // outside's
  pid->last = 0;
  cpu.kernel.init_pid_ns = pid;

  auto* const ns = cpu.template alloc<Nsproxy<K>>();
  ns->lent = 0;
  ns->mnt_ns = boot_ns<MntNs<K>>(cpu);
  ns->mnt_ns->mounts = nullptr;
  ns->uts_ns = boot_ns<UtsNs<K>>(cpu);
  ns->ipc_ns = boot_ns<IpcNs<K>>(cpu);
  ns->ipc_ns->semaphore.set(0);
  ns->ipc_ns->sempid = nullptr;
  ns->pid_ns_for_children = pid;
  ns->cgroup_ns = boot_ns<CgroupNs<K>>(cpu);
  ns->net_ns = boot_ns<NetNs<K>>(cpu);
  ns->time_ns = boot_ns<TimeNs<K>>(cpu);
  ns->time_ns->seconds.set(0);
  ns->time_ns->frozen.set(true);
  ns->time_ns_for_children = ns->time_ns;
  for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
    ns_get(cpu, ns->slot(static_cast<abi::NsLink>(i)));
  }
  return ns;
}

template <class K>
Cred<K>* boot_cred(Cpu<K>& cpu, const abi::Setup& setup) {
  auto* const cred = cpu.template alloc<Cred<K>>();
  cred->uid = {setup.uid, setup.uid, setup.uid};
  cred->gid = {setup.gid, setup.gid, setup.gid};
  cred->effective = typename K::Word{setup.caps & abi::kCapFull};
  cred->permitted = setup.caps & abi::kCapFull;
  cred->inheritable = 0;
  cred->bounding = setup.bounding & abi::kCapFull;
  cred->ambient = 0;
  cred->keep_caps = false;
  cred->user_ns = get_user_ns(cpu, cpu.kernel.init_user_ns);
  cred->ucounts = alloc_ucounts(cpu, cpu.kernel.init_user_ns, setup.uid);
  return cred;
}

template <class K>
void boot_task(Cpu<K>& cpu, const abi::Setup& setup) {
  Nsproxy<K>* const nsproxy = boot_namespaces(cpu);
  auto* const me = dup_task(cpu).value;
  me->name = abi::kInitialTask;
  cpu.m.init(me->nsproxy, nsproxy);
  cpu.m.init(me->cred, boot_cred(cpu, setup));
  auto* const fs = cpu.template alloc<Fs<K>>();
  fs->root.set(Root::top_of(nsproxy->mnt_ns->ns_id));
  cpu.m.init(me->fs, fs);
  auto* const mm = cpu.template alloc<Mm<K>>();
  mm->user_ns = get_user_ns(cpu, cpu.kernel.init_user_ns);
  mm->dumpable.set(true);
  cpu.m.init(me->mm, mm);
  me->files = cpu.template alloc<Files<K>>();
  me->sighand = cpu.template alloc<Sighand<K>>();
  me->sighand->ignores_children.set(false);
  (void)copy_signal(cpu, typename K::Word{0}, *me);
  me->signal->leader = me;
  add_thread(*me->signal, *me);
  me->exit_signal.set(abi::kSIGCHLD);
  Pid<K>* const pid = alloc_pid(cpu, cpu.kernel.init_pid_ns, {}).value;
  attach_pid(cpu, *me, pid);
  me->state.set(abi::TaskState::running);
  cpu.kernel.tasks.at(cpu.m, me->name.n).set(cpu.m, me);
}

template <class M, class P>
State<M, P>::State(const abi::Setup& start, Bug bug)
    : setup(start),
      rules(start.profile),
      seeded(bug),
      uncounted_initial(static_cast<bool>(rules.active_refs)) {
  cpus.push_back(std::make_unique<Cpu<K>>(*this));
  Cpu<K>& cpu = boot_cpu();
  cpu.begin_call(0);
  boot_task(cpu, setup);
  cpu.begin_call(0);
}

// Everything goes at once with the slabs; only what they don't own is looked for.
template <class M, class P>
State<M, P>::~State() {
  slab<UserNs<K>>().for_each([](const UserNs<K>& ns) {
    for (const auto& map : ns.maps) delete M::own(map);
  });
}

template <class M, class P>
void State<M, P>::remove_cpu(Cpu<K>* cpu) {
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) past_totals_[kind] += cpu->live(kind);
  const std::vector<CountReport>& reports = cpu->m.reports();
  past_reports.insert(past_reports.end(), reports.begin(), reports.end());
  std::erase_if(cpus, [cpu](const auto& c) { return c.get() == cpu; });
}

template <class M, class P>
abi::Totals State<M, P>::totals() const {
  abi::Totals sum = past_totals_;
  for (const auto& cpu : cpus) {
    for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) sum[kind] += cpu->live(kind);
  }
  return sum;
}

}  // namespace impl
