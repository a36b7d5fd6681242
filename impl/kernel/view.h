// What a kernel shows of itself: task views, object views, totals.
//
// The counts are the kernel's own counters, not recounted: that is what they are shown for. No call
// may be running.
#pragma once

#include <algorithm>

#include "impl/kernel/state.h"
#include "impl/syscalls/nsfs.h"

namespace impl {

// The namespace that a link shows, or null where it says ENOENT.
template <class K>
const NsHead<K>* ns_behind(const Cpu<K>& cpu, const Task<K>& task, abi::NsLink link) {
  using M = typename K::Machine;
  if (!has_link(cpu, link)) return nullptr;
  if (link == NsLink::user) return M::own(task.cred)->user_ns;
  if (link == NsLink::pid) return M::own(task.pid)->ns;
  const Nsproxy<K>* const nsproxy = M::own(task.nsproxy);
  if (nsproxy == nullptr) return nullptr;
  if (link == NsLink::pid_for_children && !nsproxy->pid_ns_for_children->had_reaper.get()) {
    return nullptr;
  }
  return nsproxy->slot(link);
}

template <class K>
abi::TaskView view_task(const Cpu<K>& cpu, const Task<K>& task) {
  using M = typename K::Machine;
  abi::TaskView v;
  v.state = task.state.get();
  for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
    const NsHead<K>* const ns = ns_behind(cpu, task, static_cast<abi::NsLink>(i));
    v.ns[i] = ns != nullptr ? ns->id : abi::kNoObject;
  }
  const Nsproxy<K>* const nsproxy = M::own(task.nsproxy);
  v.nsproxy = nsproxy != nullptr ? nsproxy->id : abi::kNoObject;
  const Cred<K>& cred = *M::own(task.cred);
  v.uid = cred.uid;
  v.gid = cred.gid;
  v.effective = M::plain(cred.effective);
  v.permitted = cred.permitted;
  v.inheritable = cred.inheritable;
  v.bounding = cred.bounding;
  v.ambient = cred.ambient;
  const Fs<K>* const fs = M::own(task.fs);
  v.chrooted = fs != nullptr && nsproxy != nullptr && is_chrooted(*fs, *nsproxy->mnt_ns);
  return v;
}

template <class T>
std::int64_t detail_of(const T& o) {
  if constexpr (requires { o.semaphore; }) {
    return o.semaphore.get();
  } else if constexpr (requires { o.seconds; }) {
    return o.seconds.get();
  } else if constexpr (requires {
                         T::kType;
                         o.level;
                       }) {
    return o.level;
  } else {
    return 0;
  }
}

template <class K, class T>
abi::ObjectView view_object(const Cpu<K>& cpu, const T& o) {
  using M = typename K::Machine;
  abi::ObjectView v;
  v.kind = static_cast<abi::ObjKind>(T::kKind);
  v.alive = true;
  v.refs = M::value(o.refs);
  v.detail = detail_of(o);
  if constexpr (requires { o.owner; }) {
    v.counted = !o.initial;
    v.owner = o.owner != nullptr ? o.owner->id : abi::kNoObject;
    v.active = cpu.kernel.rules.active_refs ? M::value(o.active) : 0;
  }
  return v;
}

// Calls `f(slab)` for the slab of each kind, tasks excepted; `wanted` limits it to one kind.
template <class K, class State, class F>
void for_each_slab(const State& state, F&& f, std::size_t wanted = kTaskKind) {
  const auto each = [&]<class T>(const Slab<K, T>& slab) {
    if (T::kKind != kTaskKind && (wanted == kTaskKind || wanted == T::kKind)) f(slab);
  };
  std::apply([&](const auto&... slabs) { (each(slabs), ...); }, state.slabs());
}

template <class K>
abi::ObjectView view_by_id(const KernelOf<K>& state, abi::ObjId id) {
  abi::ObjectView v;
  const std::size_t kind = ObjIdParts::kind(id);
  if (kind >= abi::kObjKinds) return v;
  v.kind = static_cast<abi::ObjKind>(kind);
  for_each_slab<K>(
      state,
      [&](const auto& slab) {
        if (const auto* const o = slab.find(id)) v = view_object(*state.cpus.front(), *o);
      },
      kind);
  return v;
}

template <class K>
abi::View view_all(const KernelOf<K>& state) {
  const Cpu<K>& cpu = *state.cpus.front();
  abi::View view;
  state.template slab<Task<K>>().for_each([&](const Task<K>& t) {
    if (t.state.get() != abi::TaskState::none) {
      view.tasks.push_back({.id = t.name, .view = view_task(cpu, t)});
    }
  });
  std::sort(view.tasks.begin(), view.tasks.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  for_each_slab<K>(state, [&](const auto& slab) {
    slab.for_each(
        [&](const auto& o) { view.objects.push_back({.id = o.id, .view = view_object(cpu, o)}); });
  });
  view.totals = state.totals();
  return view;
}

}  // namespace impl
