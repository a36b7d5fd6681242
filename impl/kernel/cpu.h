// One processor of a kernel: the machine, the task that it runs, and what the call touches.
//
// Kernel functions get a Cpu first, as the kernel's own get `current` from the processor. All that
// they do to shared state goes through it to the machine.
#pragma once

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "abi/step.h"
#include "impl/kernel/heap.h"
#include "impl/object/process.h"

namespace impl {

using abi::Step;

// Every type that lives in a slab, in ObjKind's order, tasks last.
template <class K, template <class, class> class Each>
using PerType =
    std::tuple<Each<K, MntNs<K>>, Each<K, UtsNs<K>>, Each<K, IpcNs<K>>, Each<K, PidNs<K>>,
               Each<K, CgroupNs<K>>, Each<K, NetNs<K>>, Each<K, TimeNs<K>>, Each<K, UserNs<K>>,
               Each<K, Nsproxy<K>>, Each<K, Cred<K>>, Each<K, Ucounts<K>>, Each<K, Pid<K>>,
               Each<K, Fs<K>>, Each<K, Files<K>>, Each<K, Mm<K>>, Each<K, Sighand<K>>,
               Each<K, Signal<K>>, Each<K, Undo<K>>, Each<K, Inode<K>>, Each<K, File<K>>,
               Each<K, Mount<K>>, Each<K, Task<K>>>;
template <class K, class T>
using MagazineOf = Magazine<T>;
template <class K, class T>
using LimboOf = std::vector<T*>;

template <class K>
class Cpu {
 public:
  using Machine = typename K::Machine;
  using Word = typename K::Word;
  using Bool = typename K::Bool;
  template <class T>
  using Pointer = typename K::template Pointer<T>;

  explicit Cpu(KernelOf<K>& owner);
  ~Cpu();

  KernelOf<K>& kernel;
  Machine m;
  Task<K>* current = nullptr;
  bool current_ends = false;  // it is in to_exit

  Cred<K>* cred() { return Machine::own(current->cred); }
  Nsproxy<K>* nsproxy() { return Machine::own(current->nsproxy); }

  // -- calls -------------------------------------------------------------------------------------
  void begin_call(std::uint16_t fault) {
    m.begin_call(fault);
    current_ends = false;
    touched_tasks_.clear();
    touched_objects_.clear();
  }
  Bool fails(Step step) { return m.fails(step); }
  // A constant without seeded bugs.
  constexpr bool bug(Bug b) const {
    if constexpr (K::Policy::Bugs::kSeeded) {
      return bugs_.has(b);
    } else {
      return false;
    }
  }
  static constexpr bool optimized(Optimization o) { return K::Policy::has(o); }

  // -- words -------------------------------------------------------------------------------------
  Bool has(Word flags, Flags any_of) { return m.has(flags, any_of); }

  // -- memory ------------------------------------------------------------------------------------
  // An object with one reference, which is the caller's. Its fields are whatever they were.
  template <class T>
  T* alloc();
  // Nobody holds it any more, and nobody can find it.
  template <class T>
  void free(T* o);
  // … except for a reader that found it before.
  template <class T>
  void free_after_readers(T* o);

  // -- references --------------------------------------------------------------------------------
  template <class T>
  T* get(T* o) {
    touch(*o);
    m.get(*o);
    return o;
  }
  template <class T>
  Bool try_get(T* o) {
    if (!m.try_get(*o)) return false;
    touch(*o);
    return true;
  }
  // True for the last one: the caller takes the object apart.
  template <class T>
  Bool put(T* o) {
    touch(*o);
    return m.put(*o);
  }
  // For objects that nobody can find without holding a reference.
  template <class T>
  Bool put_private(T* o) {
    touch(*o);
    if (optimized(kSoleOwnerPut) || bug(Bug::kPutSoleRelaxed)) return m.put_sole(*o);
    return m.put(*o);
  }
  template <class T>
  Bool put_unless_last(T* o) {
    touch(*o);
    return m.put_unless_last(*o);
  }
  template <class T>
  Bool shared(const T* o) {
    return m.shared(*o);
  }

  // For readers that found something dying and look again, until its owner has exchanged it. False
  // if nobody can be doing that: then a count is wrong.
  bool retry() {
    if (m.alone()) return false;
    m.pause();
    return true;
  }

  // -- names -------------------------------------------------------------------------------------
  // What a program calls so, or null if it is gone, being made, or never was.
  Task<K>* find(abi::TaskId id) { return kernel.tasks.at(m, id.n).object(m); }
  File<K>* find(abi::FileId id) { return kernel.files.at(m, id.n).object(m); }

  // -- pointers ----------------------------------------------------------------------------------
  template <class T>
  void publish(Pointer<T>& p, T* to) {
    m.publish(p, to);
  }

  // -- what the call touched ---------------------------------------------------------------------
  void touch(const Counted<K>& o) { touched_objects_.push_back(o.id); }
  void touch(const Task<K>&) {}  // named by touch_task()
  void touch_task(const Task<K>& t) { touched_tasks_.push_back(t.name); }
  std::span<const abi::TaskId> touched_tasks() const { return touched_tasks_; }
  std::span<const abi::ObjId> touched_objects() const { return touched_objects_; }
  std::uint32_t live(std::size_t kind) const { return live_[kind]; }

  // -- work that waits until the caller's locks are dropped
  //
  // Claimed tasks that must exit, in order; see syscalls/exit.h.
  std::vector<Task<K>*> to_exit;
  // Inits whose namespaces have become empty.
  std::vector<Task<K>*> to_finish;
  // Mount namespaces without holders; their mounts may be the last to hold others.
  std::vector<MntNs<K>*> to_dissolve;
  bool dissolving = false;

  // Unique, and in the order of a processor's calls: taken from the kernel in batches, as
  // gen_cookie_next() does, so that processors do not fight for it.
  std::uint64_t next_ns_id();

  // No lock is held and no read section is open: memory whose readers have gone is reused.
  void quiesce();

 private:
  static constexpr std::size_t kLimbo = 1024;

  template <class T>
  T* take();
  template <class T>
  void recycle(T* o);
  template <class T>
  void flush(Magazine<T>& magazine, std::size_t keep);

  typename K::Policy::Bugs bugs_;
  std::vector<abi::TaskId> touched_tasks_;
  std::vector<abi::ObjId> touched_objects_;
  // By kind, of this processor: made minus gone; the sum over all processors is the total.
  std::array<std::uint32_t, kSlabs> live_{};
  PerType<K, MagazineOf> magazines_;
  PerType<K, LimboOf> limbo_;
  std::size_t in_limbo_ = 0;
  std::uint64_t next_ns_id_ = 0, last_ns_id_ = 0;
};

// A lock held for a scope.
template <class K>
class Guard {
 public:
  Guard(Cpu<K>& cpu, typename K::Lock& lock) : cpu_(cpu), lock_(lock) { cpu.m.lock(lock); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() { cpu_.m.unlock(lock_); }

 private:
  Cpu<K>& cpu_;
  typename K::Lock& lock_;
};

// A read section for a scope.
template <class K>
class ReadGuard {
 public:
  explicit ReadGuard(Cpu<K>& cpu) : cpu_(cpu) { cpu.m.read_lock(); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;
  ~ReadGuard() { cpu_.m.read_unlock(); }

 private:
  Cpu<K>& cpu_;
};

}  // namespace impl
