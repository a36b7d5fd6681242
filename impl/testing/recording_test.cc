// Nothing bypasses the machine: the same source on words and truths that are no plain numbers, and
// all that create_new_namespaces() does, written down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "impl/kernel/kernel_impl.h"
#include "impl/testing/recording_machine.h"

namespace impl {

// The whole kernel compiles on it.
template class Kernel<RecordingMachine, BaselinePolicy>;
template class Kernel<RecordingMachine, OptimizedPolicy>;

namespace {

using testing::ElementsAre;

// A lock that is held for nothing else is a slab's.
Log without_slab_locks(const Log& log) {
  Log rest;
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (log[i] == "lock" && i + 1 < log.size() && log[i + 1] == "unlock") {
      ++i;
    } else {
      rest.push_back(log[i]);
    }
  }
  return rest;
}

template <class P>
class Recorded {
 public:
  using K = Build<RecordingMachine, P>;

  Recorded() {
    cpu().current = cpu().find(abi::kInitialTask);
    cpu().begin_call(0);
  }
  ~Recorded() { RecordingMachine::stop(); }
  Cpu<K>& cpu() { return state_.boot_cpu(); }
  // What is done while `flags` are made for the initial task, its n-th step failing.
  Log create(Flags flags, std::uint16_t fault = 0) {
    cpu().begin_call(fault);
    cpu().m.start();
    Task<K>& task = *cpu().current;
    (void)create_new_namespaces(cpu(), RecordingMachine::word(flags), task, cpu().cred()->user_ns,
                                RecordingMachine::own(task.fs), keep_for_switch(cpu()));
    const Log log = cpu().m.log;
    RecordingMachine::stop();
    return without_slab_locks(log);
  }

 private:
  State<RecordingMachine, P> state_{abi::Setup{}, Bug::kNone};
};

// Order and counting of an nsproxy whose uts namespace is new.
TEST(Recording, CreateNewNamespacesOfOneType) {
  Recorded<BaselinePolicy> recorded;
  EXPECT_THAT(
      recorded.create(flag::NEWUTS),
      ElementsAre("branch alloc_nsproxy fails: no", "alloc nsproxy#1", "count := 1 nsproxy#1",
                  "branch CLONE_NEWNS: no", "get mnt#0",  //
                  "branch CLONE_NEWUTS: yes", "branch charge fails: no", "lock", "get ucounts#0",
                  "unlock", "charge", "branch within the limit: yes", "branch alloc fails: no",
                  "alloc uts#1", "count := 1 uts#1", "branch inum fails: no", "get user#0",
                  "branch CLONE_NEWIPC: no", "get ipc#0",        //
                  "branch CLONE_NEWPID: no", "get pid_ns#0",     //
                  "branch CLONE_NEWCGROUP: no", "get cgroup#0",  //
                  "branch CLONE_NEWNET: no", "get net#0",        //
                  "branch CLONE_NEWTIME: no", "get time#0",      //
                  "get time#0"));
}

// The ipc stage fails for want of memory: its charge, uts, mnt and the nsproxy go, in this order.
TEST(Recording, RollbackInReverseOrder) {
  Recorded<BaselinePolicy> recorded;
  const Log log = recorded.create(flag::NEWUTS | flag::NEWIPC, 6);
  const auto failed = std::find(log.begin(), log.end(), "branch alloc fails: yes");
  ASSERT_NE(failed, log.end());
  EXPECT_THAT(
      Log(failed + 1, log.end()),
      ElementsAre("uncharge", "put unless last ucounts#0", "branch not the last: yes",  //
                  "put uts#1", "branch the last: yes", "uncharge", "put unless last ucounts#0",
                  "branch not the last: yes", "free uts#1", "put user#0", "branch the last: no",  //
                  "put mnt#0", "branch the last: no",                                             //
                  "put nsproxy#1", "branch the last: yes", "free nsproxy#1"));
}

// kTakeOver, kUncountedInitial, kOwnUcounts: nothing is counted but what is new, nothing locked.
TEST(Recording, OptimizedCountsOnlyWhatIsNew) {
  Recorded<OptimizedPolicy> recorded;
  EXPECT_THAT(
      recorded.create(flag::NEWUTS),
      ElementsAre("branch alloc_nsproxy fails: no", "alloc nsproxy#1", "count := 1 nsproxy#1",
                  "branch CLONE_NEWNS: no", "branch CLONE_NEWUTS: yes", "branch charge fails: no",
                  "get ucounts#0", "charge", "branch within the limit: yes",
                  "branch alloc fails: no", "alloc uts#1", "count := 1 uts#1",
                  "branch inum fails: no", "branch CLONE_NEWIPC: no", "branch CLONE_NEWPID: no",
                  "branch CLONE_NEWCGROUP: no", "branch CLONE_NEWNET: no",
                  "branch CLONE_NEWTIME: no"));
}

}  // namespace
}  // namespace impl
