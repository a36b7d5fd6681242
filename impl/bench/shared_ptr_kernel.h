// What a competent programmer would write without all this: std::shared_ptr for every reference, a
// mutex for what is shared, maps for names. It is what the benchmarks compare with.
//
// It knows the calls that they make, follows the same rules for them (capabilities, quotas, thread
// and fs checks, the order of the types, the pending time namespace), and may be called by any
// number of threads. Left out, in its favour: faults, pid numbers per level, who touched what, ids,
// active references, everything about threads and pid namespaces' ends.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "abi/system.h"

namespace impl {

class SharedPtrKernel {
 public:
  explicit SharedPtrKernel(const nsabi::Setup& setup);
  ~SharedPtrKernel();
  SharedPtrKernel(const SharedPtrKernel&) = delete;
  SharedPtrKernel& operator=(const SharedPtrKernel&) = delete;

  nsabi::Result apply(const nsabi::Call& call);

  // As Kernel::Processor.
  class Processor {
   public:
    explicit Processor(SharedPtrKernel& kernel) : kernel_(kernel) {}
    nsabi::Result apply(const nsabi::Call& call) { return kernel_.apply(call); }

   private:
    SharedPtrKernel& kernel_;
  };

 private:
  struct UserNs;
  struct Charge;
  struct Namespace;
  struct Nsproxy;
  struct Cred;
  struct Pid;
  struct Task;
  struct File;
  struct Caller;
  template <class T>
  using Ref = std::shared_ptr<T>;

  Ref<Task> find_task(nsabi::TaskId id);
  Ref<File> find_file(nsabi::FileId id);
  bool capable(const Cred& cred, const UserNs& target, int cap) const;
  nsabi::Errno unshare_into(Nsproxy& ns, const Cred& cred, nsabi::Flags flags);
  nsabi::Errno install(Nsproxy& into, const Cred& cred, const Ref<Namespace>& ns);

  nsabi::Result call(Task& me, const nsabi::Fork& c);
  nsabi::Result call(Task& me, const nsabi::Exit& c);
  nsabi::Result call(Task& me, const nsabi::Wait& c);
  nsabi::Result call(Task& me, const nsabi::Unshare& c);
  nsabi::Result call(Task& me, const nsabi::Setns& c);
  nsabi::Result call(Task& me, const nsabi::Execve& c);
  nsabi::Result call(Task& me, const nsabi::OpenNs& c);
  nsabi::Result call(Task& me, const nsabi::OpenPidfd& c);
  template <class Op>
  nsabi::Result call(Task&, const Op&) {
    return nsabi::Result::failure(nsabi::Errno::kENOSYS);
  }

  std::mutex tasks_lock_;  // tasks_, children, pid numbers
  std::unordered_map<std::uint32_t, Ref<Task>> tasks_;
  std::int32_t last_pid_ = 0;
  std::unordered_map<std::int32_t, Ref<Pid>> numbers_;
  std::mutex files_lock_;
  std::unordered_map<std::uint32_t, Ref<File>> files_;
  std::mutex charges_lock_;
  std::atomic<std::uint64_t> next_id_{1};
};

}  // namespace impl
