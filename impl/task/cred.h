// Credentials: copied, changed while nobody sees them, then committed.
//
// Mirrors kernel/cred.c (6.18): prepare_creds, copy_creds, commit_creds, put_cred,
// set_cred_ucounts, cred_cap_issubset. Left out: keys, securebits other than keep_caps, the
// difference between real and subjective credentials.
#pragma once

#include "impl/ns/user_ns.h"
#include "impl/task/capability.h"

namespace impl {

template <class K>
void put_cred(Cpu<K>& cpu, Cred<K>* cred) {
  if (!cpu.put(cred)) return;
  if (!cpu.bug(Bug::kCredForgetsUcounts)) put_ucounts(cpu, cred->ucounts);
  UserNs<K>* const user_ns = cred->user_ns;
  cpu.free_after_readers(cred);
  if (!cpu.bug(Bug::kCredForgetsUserNs)) put_user_ns(cpu, user_ns);
}

// A copy of the caller's credentials that only the caller of this knows.
template <class K>
Fallible<Cred<K>> prepare_creds(Cpu<K>& cpu) {
  if (cpu.fails(Step::prepare_creds)) return errno_of(Step::prepare_creds);
  const Cred<K>& old = *cpu.cred();
  auto* const cred = cpu.template alloc<Cred<K>>();
  cred->uid = old.uid;
  cred->gid = old.gid;
  cred->effective = old.effective;
  cred->permitted = old.permitted;
  cred->inheritable = old.inheritable;
  cred->bounding = old.bounding;
  cred->ambient = old.ambient;
  cred->keep_caps = old.keep_caps;
  cred->user_ns = cpu.bug(Bug::kCredUserNsNotCounted) ? old.user_ns : get_user_ns(cpu, old.user_ns);
  cred->ucounts = cpu.bug(Bug::kCredUcountsNotCounted) ? old.ucounts : cpu.get(old.ucounts);
  return cred;
}

// Makes the ucounts those of the user namespace and real uid that the credentials now have. A step
// only where the kernel has one (5.14) and where something changes.
template <class K>
Errno set_cred_ucounts(Cpu<K>& cpu, Cred<K>& cred) {
  Ucounts<K>* const old = cred.ucounts;
  const abi::Id uid = cpu.bug(Bug::kSetUcountsByEuid) ? cred.euid() : cred.uid[Cred<K>::kReal];
  if (old->ns == cred.user_ns && old->uid == uid) return Errno::kOk;
  if (cpu.kernel.rules.cred_ucounts_can_fail && cpu.fails(Step::cred_ucounts)) {
    return errno_of(Step::cred_ucounts);
  }
  cred.ucounts = alloc_ucounts(cpu, cred.user_ns, uid);
  if (!cpu.bug(Bug::kSetUcountsKeepsOld)) put_ucounts(cpu, old);
  return Errno::kOk;
}

// CAP-04: whoever has `subset` can do nothing that `set` could not.
template <class K>
bool cred_cap_issubset(const Cred<K>& set, const Cred<K>& subset) {
  if (set.user_ns == subset.user_ns) return (subset.permitted & ~set.permitted) == 0;
  for (const UserNs<K>* ns = subset.user_ns; !ns->initial; ns = ns->parent()) {
    if (ns->parent() == set.user_ns && ns->owner_uid == set.euid()) return true;
  }
  return false;
}

// The task's credentials from now on; the reference transfers to it, the old one is dropped. Only
// the task's carrier may do this.
template <class K>
void commit_creds(Cpu<K>& cpu, Task<K>& task, Cred<K>* cred) {
  Cred<K>* const old = cpu.m.own(task.cred);
  Mm<K>* const mm = cpu.m.own(task.mm);
  const bool gains =
      old->euid() != cred->euid() || old->egid() != cred->egid() || !cred_cap_issubset(*old, *cred);
  if (gains && mm != nullptr && !cpu.bug(Bug::kCommitKeepsDumpable)) mm->dumpable.set(false);
  // The new one first: if both belong to one owner, it never goes out of use.
  if (!cpu.bug(Bug::kCommitNotActivated)) {
    ns_ref_active_get(cpu, static_cast<NsHead<K>*>(cred->user_ns));
  }
  cpu.publish(task.cred, cred);  // transfers
  if (!cpu.bug(Bug::kCommitKeepsOldActive)) {
    ns_ref_active_put(cpu, static_cast<NsHead<K>*>(old->user_ns));
  }
  if (!cpu.bug(Bug::kCommitForgetsOldCred)) put_cred(cpu, old);
  cpu.touch_task(task);
}

}  // namespace impl
