// A kernel's state: its slabs, locks, initial objects and processors. Everything else is reached
// from here; there are no globals.
//
// Lock order, outermost first: namespace_lock, tasklist_lock, then any one of the others, which are
// leaves. Mirrors tasklist_lock and pidmap_lock (one lock here), namespace_sem, ucounts_lock, the
// stashed-dentry protocol of nsfs (a lock here), userns_state_mutex, offset_lock and sem_lock.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <initializer_list>
#include <memory>
#include <vector>

#include "abi/profile.h"
#include "abi/system.h"
#include "impl/kernel/cpu.h"
#include "impl/kernel/names.h"

namespace impl {

// Whether this version behaves as those did in which one of `since` came, and `until` had not yet.
inline bool behaves(const abi::Profile& p, std::initializer_list<abi::Since> since,
                    const abi::Since& until = abi::kNever) {
  const auto reached = [&](const abi::Since& s) { return s.reached(p.version); };
  return std::any_of(since.begin(), since.end(), reached) && !reached(until);
}

// What the profile decides, asked once (semantics.md section 12). The one place that knows
// versions: a proof gives it one that is a symbol.
template <class Bool>
struct Rules {
  template <class Profile>
  explicit Rules(const Profile& p)
      : configured(p.configured),
        userns_off(p.userns_off),
        time_moves_at_exec(p.at_least(6, 2)),
        clone3_takes_newtime(behaves(p, {{.mainline = {6, 3, 0}, .backport = {6, 1, 100}}})),
        pidfd_thread(p.at_least(6, 9)),
        cred_ucounts_can_fail(p.at_least(5, 14)),
        set_tid_checkpoint(p.at_least(5, 9)),
        root_map_needs_cap(p.at_least(5, 12)),
        pidfd_ns_ioctls(p.at_least(6, 11)),
        ns_get_id(p.at_least(6, 18)),
        active_refs(p.at_least(6, 19)),
        setns_asks_own_fs(behaves(p, {abi::only_in_series({6, 12, 117})})),
        pidfd_leader_error(p.at_least(6, 16)),
        pidfd_ioctl_arg_first(behaves(p, {{{6, 11, 0}}}, {{6, 14, 0}})),
        pidfd_access_first(behaves(p, {abi::only_in_series({6, 12, 112})})),
        nsfs_by_number(behaves(p, {{{6, 12, 0}}}, {{6, 18, 0}, {6, 17, 4}})),
        pidfds_can_be_bound(p.at_least(6, 14)),
        setid_by_real_ids(behaves(p, {abi::kAlways}, {{6, 17, 0}})),
        remembers_dumpability(behaves(p, {{{7, 1, 0}},
                                          abi::only_in_series({6, 1, 172}),
                                          abi::only_in_series({6, 12, 88}),
                                          abi::only_in_series({6, 18, 44})})) {}

  abi::TypeSet configured;
  Bool userns_off;             // CLONE-19
  Bool time_moves_at_exec;     // 6.2: EXEC-01, and a clone with VM keeps its time namespace
  Bool clone3_takes_newtime;   // 6.3
  Bool pidfd_thread;           // 6.9
  Bool cred_ucounts_can_fail;  // 5.14
  Bool set_tid_checkpoint;     // 5.9
  Bool root_map_needs_cap;     // 5.12: CAP-05
  Bool pidfd_ns_ioctls;        // 6.11, and the pid translations and NS_GET_MNTNS_ID
  Bool ns_get_id;              // 6.18
  Bool active_refs;            // 6.19
  Bool setns_asks_own_fs;      // 6.12.117: SETNS-43 also with other types
  Bool pidfd_leader_error;     // 6.16: FILE-01
  Bool pidfd_ioctl_arg_first;  // 6.11 to 6.13: PIDFD-02
  Bool pidfd_access_first;     // 6.12.112: PIDFD-05 before PIDFD-06
  Bool nsfs_by_number;         // 6.12 to 6.17.3: NSFS-17
  Bool pidfds_can_be_bound;    // 6.14: MOUNT-01
  Bool setid_by_real_ids;      // before 6.17: CRED-08
  Bool remembers_dumpability;  // 7.1 and in stable series: a task without an mm is dumpable or not
};

template <class K, class T>
using SlabOf = Slab<K, T>;

template <class M, class P>
class State {
 public:
  using K = Build<M, P>;

 private:
  PerType<K, SlabOf> slabs_;   // outlives the processors, whose free objects go back to it
  abi::Totals past_totals_{};  // of processors that have gone; may wrap around

 public:
  State(const abi::Setup& setup, Bug bug);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const abi::Setup setup;
  Rules<typename M::Bool> rules;  // only a proof changes them
  const Bug seeded;
  // REF-11: get and put on initial namespaces do nothing.
  const bool uncounted_initial;

  template <class T>
  Slab<K, T>& slab() {
    return std::get<Slab<K, T>>(slabs_);
  }
  template <class T>
  const Slab<K, T>& slab() const {
    return std::get<Slab<K, T>>(slabs_);
  }

  alignas(kCacheLine) typename K::Lock namespace_lock;  // mounts
  alignas(kCacheLine) typename K::Lock tasklist_lock;   // tasks' relations and states, pid numbers
  alignas(kCacheLine) typename K::Lock ucounts_lock;    // user namespaces' lists of ucounts
  alignas(kCacheLine) typename K::Lock nsfs_lock;       // which namespace has an inode
  alignas(kCacheLine) typename K::Lock userns_lock;     // id maps, setgroups
  alignas(kCacheLine) typename K::Lock timens_lock;     // offsets and their freezing
  alignas(kCacheLine) typename K::Lock sem_lock;        // semaphores and undo lists

  alignas(kCacheLine) Names<M, Task<K>> tasks;
  Names<M, File<K>> files;
  alignas(kCacheLine) std::atomic<std::uint64_t> next_ns_id{1};

  alignas(kCacheLine) UserNs<K>* init_user_ns = nullptr;
  PidNs<K>* init_pid_ns = nullptr;

  typename M::Shared shared;
  std::vector<std::unique_ptr<Cpu<K>>> cpus;  // changes only while no call runs

  // What processors that have gone had to report.
  std::vector<CountReport> past_reports;

  Cpu<K>& boot_cpu() { return *cpus.front(); }
  Cpu<K>* add_cpu() { return cpus.emplace_back(std::make_unique<Cpu<K>>(*this)).get(); }
  void remove_cpu(Cpu<K>* cpu);
  abi::Totals totals() const;
  const auto& slabs() const { return slabs_; }
};

// ---------------------------------------------------------------------------------------------

template <class K>
Cpu<K>::Cpu(KernelOf<K>& owner) : kernel(owner), m(owner.shared, optimized(kUniprocessor)) {
  if constexpr (K::Policy::Bugs::kSeeded) bugs_ = typename K::Policy::Bugs(owner.seeded);
  if constexpr (requires { m.seed(owner.seeded); }) m.seed(owner.seeded);
  touched_objects_.reserve(128);
  touched_tasks_.reserve(16);
}

template <class K>
Cpu<K>::~Cpu() {
  in_limbo_ = kLimbo;
  quiesce();
  std::apply([this](auto&... magazine) { (this->flush(magazine, 0), ...); }, magazines_);
}

template <class K>
template <class T>
T* Cpu<K>::take() {
  auto& slab = kernel.template slab<T>();
  T* one = nullptr;
  if constexpr (optimized(kMagazines)) {
    auto& magazine = std::get<Magazine<T>>(magazines_);
    if (magazine.n == 0) {
      if (slab.fresh_first()) {
        slab.take(m, &one, 1);
        return one;
      }
      magazine.n = slab.take(m, magazine.objects.data(), Magazine<T>::kSize / 2);
    } else if (slab.fresh_first()) {
      slab.take(m, &one, 1);
      return one;
    }
    return magazine.objects[--magazine.n];
  } else {
    slab.take(m, &one, 1);
    return one;
  }
}

template <class K>
template <class T>
T* Cpu<K>::alloc() {
  T* const o = take<T>();
  o->live = true;
  ++live_[T::kKind];
  touch(*o);
  m.allocated(*o);
  m.init_count(*o, 1);
  return o;
}

template <class K>
template <class T>
void Cpu<K>::recycle(T* o) {
  if constexpr (optimized(kMagazines)) {
    auto& magazine = std::get<Magazine<T>>(magazines_);
    if (magazine.n == Magazine<T>::kSize) flush(magazine, Magazine<T>::kSize / 2);
    magazine.objects[magazine.n++] = o;
  } else {
    kernel.template slab<T>().give(m, &o, 1);
  }
}

template <class K>
template <class T>
void Cpu<K>::flush(Magazine<T>& magazine, std::size_t keep) {
  if (magazine.n <= keep) return;
  kernel.template slab<T>().give(m, magazine.objects.data() + keep, magazine.n - keep);
  magazine.n = keep;
}

template <class K>
template <class T>
void Cpu<K>::free(T* o) {
  m.freed(*o);
  o->live = false;
  o->id += ObjIdParts::kGeneration;
  --live_[T::kKind];
  recycle(o);
}

template <class K>
template <class T>
void Cpu<K>::free_after_readers(T* o) {
  if (m.alone() || bug(Bug::kFreeBeforeReaders)) return free(o);
  m.freed(*o);
  o->live = false;
  --live_[T::kKind];
  std::get<std::vector<T*>>(limbo_).push_back(o);
  ++in_limbo_;
}

template <class K>
std::uint64_t Cpu<K>::next_ns_id() {
  constexpr std::uint64_t batch = 4096;
  if (next_ns_id_ == last_ns_id_) {
    // Relaxed: a number, nothing is published by it.
    next_ns_id_ = kernel.next_ns_id.fetch_add(batch, std::memory_order_relaxed);
    last_ns_id_ = next_ns_id_ + batch;
  }
  return next_ns_id_++;
}

template <class K>
void Cpu<K>::quiesce() {
  if (in_limbo_ < kLimbo) return;
  m.synchronize();
  const auto empty = [this](auto& limbo) {
    for (auto* const o : limbo) {
      o->id += ObjIdParts::kGeneration;
      this->recycle(o);
    }
    limbo.clear();
  };
  std::apply([&](auto&... limbo) { (empty(limbo), ...); }, limbo_);
  in_limbo_ = 0;
}

}  // namespace impl
