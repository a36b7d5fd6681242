// One stay in Linux's code: who runs it, what it has locked, and what it did that no kernel allows.
//
// A core's functions call back into shim.cc, which needs to know for which processor. What C gets
// wrong beyond counts is found here: a lock kept, a dead object used, an invalid pointer followed.
// Such a call ends with an oops: C's frames are left behind, and the kernel is not to be used
// again.
#pragma once

#include <array>
#include <csetjmp>
#include <csignal>
#include <string>

#include "impl/kernel.h"
#include "impl/kernel/state.h"
#include "props/systems/linux_source/core.h"
#include "props/systems/linux_source/linux_machine.h"

namespace props {

using LinuxBuild = impl::Build<LinuxMachine, impl::BaselinePolicy>;
using LinuxCpu = impl::Cpu<LinuxBuild>;

// A system's core, and what is wrong with it so far.
struct CoreState {
  const linux_core* core = nullptr;
  std::string trouble;  // the first; empty: none

  void complain(std::string what) {
    if (trouble.empty()) trouble = std::move(what);
  }
};

// What C knows a file by.
struct CoreFile {
  void* private_data = nullptr;
  impl::File<LinuxBuild>* file = nullptr;
};

class CoreCall {
 public:
  // `state` is the one whose system is being applied to; see Applying.
  CoreCall(LinuxCpu& cpu, const char* function);
  CoreCall(const CoreCall&) = delete;
  CoreCall& operator=(const CoreCall&) = delete;
  ~CoreCall();

  // Runs f() in Linux's code. False after an oops.
  template <class F>
  bool run(F&& f) {
    if (sigsetjmp(back_, 0) != 0) return false;
    running_ = true;
    f(*state_->core);
    running_ = false;
    return true;
  }

  // The one that runs now; there is always one while C does.
  static CoreCall& now() { return *now_; }
  // Whether C runs at all on this thread.
  static bool is_running() { return now_ != nullptr && now_->running_; }

  // `what` goes on from the function's name.
  void complain(const char* what, const char* more = "");
  [[noreturn]] void oops(const char* what, const char* more = "");
  // An oops from a signal handler.
  [[noreturn]] void fault();

  LinuxCpu& cpu;
  int rcu = 0, task_locks = 0;  // how often held
  // Whose root and working directory were moved to those of which other; null: none.
  const void *root_of = nullptr, *pwd_of = nullptr;
  std::array<CoreFile, 4> files;
  std::size_t open_files = 0;

 private:
  friend class Applying;

  const char* function_;
  CoreState* state_;
  CoreCall* outer_;
  bool running_ = false;
  sigjmp_buf back_;
  static thread_local CoreCall* now_;
};

// While it lives, an access of C's to an address that is none is an oops. Last made, first gone.
class FaultCatcher {
 public:
  FaultCatcher();
  FaultCatcher(const FaultCatcher&) = delete;
  FaultCatcher& operator=(const FaultCatcher&) = delete;
  ~FaultCatcher();

 private:
  static constexpr std::array kSignals = {SIGSEGV, SIGBUS};

  static void on_fault(int signal, siginfo_t* info, void* context);
  void restore() const;

  const FaultCatcher* outer_;
  std::array<struct sigaction, kSignals.size()> before_{};
};

// A system's state is in force on this thread while a call is applied to it.
class Applying {
 public:
  explicit Applying(CoreState& state);
  Applying(const Applying&) = delete;
  Applying& operator=(const Applying&) = delete;
  ~Applying();

  static CoreState& state() { return *state_; }

 private:
  static thread_local CoreState* state_;
};

}  // namespace props
