// Counts every object's holders by walking the whole kernel, to be compared with its counters.
//
// Written from abi/view.h's list of holders, not from the code that counts. It checks the counters
// against the pointers that are there, and so finds a count that is wrong; a pointer that is wrong
// is the differential tests' business.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "impl/kernel/view.h"

namespace impl {

template <class K>
class Recount {
 public:
  explicit Recount(const KernelOf<K>& state) : state_(state), cpu_(*state.cpus.front()) {
    count_tasks();
    count_nsproxies();
    count_namespaces();
    count_rest();
    if (state.rules.active_refs) count_active();
  }

  // One line for each object whose counter differs from its holders, or which nobody holds.
  std::vector<std::string> differences() const {
    std::vector<std::string> out;
    for_each_slab<K>(
        state_, [&](const auto& slab) { slab.for_each([&](const auto& o) { compare(o, out); }); });
    return out;
  }

 private:
  using M = typename K::Machine;

  template <class T>
  void hold(const T* o) {
    if (o != nullptr) ++holders_[o->id];
  }
  template <class T>
  void use(const T* ns) {
    if (ns != nullptr) ++active_[ns->id];
  }

  void count_tasks() {
    state_.template slab<Task<K>>().for_each([&](const Task<K>& t) {
      const Cred<K>* const cred = M::own(t.cred);
      hold(cred);
      use(cred->user_ns);
      hold(M::own(t.pid));
      use(M::own(t.pid)->ns);
      hold(t.sighand);
      hold(t.signal);
      hold(M::own(t.nsproxy));
      hold(M::own(t.fs));
      hold(M::own(t.mm));
      hold(t.undo);
      if (!t.exiting.get()) hold(t.files);
    });
  }
  void count_nsproxies() {
    state_.template slab<Nsproxy<K>>().for_each([&](const Nsproxy<K>& ns) {
      for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
        hold(ns.slot(static_cast<abi::NsLink>(i)));
        use(ns.slot(static_cast<abi::NsLink>(i)));
      }
    });
  }
  void count_namespaces() {
    for_each_slab<K>(state_, [&]<class T>(const Slab<K, T>& slab) {
      if constexpr (requires { T::kType; }) {
        slab.for_each([&](const T& ns) {
          hold(ns.owner);
          hold(ns.charged);
        });
      }
    });
    state_.template slab<PidNs<K>>().for_each([&](const PidNs<K>& ns) { hold(ns.parent); });
    state_.template slab<IpcNs<K>>().for_each([&](const IpcNs<K>& ns) { hold(ns.sempid); });
    state_.template slab<MntNs<K>>().for_each([&](const MntNs<K>& ns) {
      for (const Mount<K>* m = ns.mounts; m != nullptr; m = m->next) hold(m);
    });
  }
  void count_rest() {
    state_.template slab<Cred<K>>().for_each([&](const Cred<K>& c) {
      hold(c.user_ns);
      hold(c.ucounts);
    });
    state_.template slab<Ucounts<K>>().for_each([&](const Ucounts<K>& u) { hold(u.ns); });
    state_.template slab<Pid<K>>().for_each([&](const Pid<K>& p) { hold(p.ns); });
    state_.template slab<Mm<K>>().for_each([&](const Mm<K>& m) { hold(m.user_ns); });
    state_.template slab<Mount<K>>().for_each([&](const Mount<K>& m) { hold(m.inode); });
    state_.template slab<Inode<K>>().for_each([&](const Inode<K>& i) {
      hold(i.ns);
      use(i.ns);
    });
    state_.template slab<File<K>>().for_each([&](const File<K>& f) {
      hold(&f);  // its descriptor
      hold(f.cred);
      hold(f.inode);
      hold(f.pid);
      hold(f.net_ns);
      hold(f.cgroup);
    });
  }
  // ACT-INV: the namespaces that an active one is owned by; owners come before what they own, level
  // by level, deepest first.
  void count_active() {
    for_each_slab<K>(state_, [&]<class T>(const Slab<K, T>& slab) {
      if constexpr (requires { T::kType; }) {
        if (T::kType == abi::NsType::user) return;
        slab.for_each([&](const T& ns) {
          if (!ns.initial && active_[ns.id] > 0) use(ns.owner);
        });
      }
    });
    std::multimap<std::uint32_t, const UserNs<K>*, std::greater<>> deepest_first;
    state_.template slab<UserNs<K>>().for_each(
        [&](const UserNs<K>& ns) { deepest_first.emplace(ns.level, &ns); });
    for (const auto& [level, ns] : deepest_first) {
      if (!ns->initial && active_[ns->id] > 0) use(ns->owner);
    }
  }

  template <class T>
  void compare(const T& o, std::vector<std::string>& out) const {
    const abi::ObjectView v = view_object(cpu_, o);
    if (!v.counted) return;
    const auto of = [&](const std::map<abi::ObjId, std::uint32_t>& counts) {
      const auto found = counts.find(o.id);
      return found == counts.end() ? 0u : found->second;
    };
    const auto differ = [&](const char* what, std::uint32_t is, std::uint32_t should) {
      out.push_back(std::string(abi::name(v.kind)) + " " + what + " " + std::to_string(is) +
                    ", holders " + std::to_string(should));
    };
    if (v.refs != of(holders_) || v.refs == 0) differ("refs", v.refs, of(holders_));
    if (!state_.rules.active_refs || !abi::is_ns(v.kind)) return;
    if (v.active != of(active_)) differ("active", v.active, of(active_));
  }

  const KernelOf<K>& state_;
  const Cpu<K>& cpu_;
  std::map<abi::ObjId, std::uint32_t> holders_, active_;
};

// What the initial ipc namespace keeps when everybody has gone, by kind (SEM-02): the struct pid of
// who used its semaphore last, and what that leads to.
template <class K>
class Kept {
 public:
  explicit Kept(const KernelOf<K>& state) {
    state.template slab<IpcNs<K>>().for_each([&](const IpcNs<K>& ns) {
      if (!ns.initial || ns.sempid == nullptr) return;
      add(*ns.sempid);
      for (const PidNs<K>* at = ns.sempid->ns; !at->initial; at = at->parent) keep(*at);
    });
  }
  const abi::Totals& totals() const { return totals_; }

 private:
  template <class T>
  bool add(const T& o) {
    if (!seen_.insert(o.id).second) return false;
    ++totals_[T::kKind];
    return true;
  }
  template <class Ns>
  void keep(const Ns& ns) {
    if (ns.initial || !add(ns)) return;
    if (add(*ns.charged)) keep(*ns.charged->ns);
    keep(*ns.owner);
  }

  std::set<abi::ObjId> seen_;
  abi::Totals totals_{};
};

// Each kind of which more or fewer objects are left than the initial namespaces and what they keep,
// when everybody has gone.
template <class M, class P>
std::vector<std::string> left_behind(const Kernel<M, P>& kernel) {
  std::vector<std::string> out;
  const abi::Totals left = kernel.totals();
  const abi::Totals kept = Kept<Build<M, P>>(kernel.state()).totals();
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
    const std::uint32_t expected = kept[kind] + (kind < abi::kNsTypes ? 1 : 0);
    if (left[kind] == expected) continue;
    out.push_back(std::to_string(left[kind]) + " " +
                  std::string(abi::name(static_cast<abi::ObjKind>(kind))) +
                  " objects are left, not " + std::to_string(expected));
  }
  return out;
}

template <class M, class P>
std::vector<std::string> recount_differences(const Kernel<M, P>& kernel) {
  return Recount<Build<M, P>>(kernel.state()).differences();
}

}  // namespace impl
