#include "props/systems/linux_source/core_call.h"

#include <csignal>

namespace props {
namespace {

struct sigaction before_segv, before_bus;

// An access of C's to an address that is none. Any other one is not ours.
void on_fault(int signal, siginfo_t*, void*) {
  if (CoreCall::is_running()) CoreCall::now().fault();
  sigaction(signal, signal == SIGSEGV ? &before_segv : &before_bus, nullptr);  // and again
}

void catch_faults() {
  static const bool once = [] {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;  // a jump out of the handler leaves nothing blocked
    sigaction(SIGSEGV, &action, &before_segv);
    sigaction(SIGBUS, &action, &before_bus);
    return true;
  }();
  (void)once;
}

}  // namespace

thread_local CoreCall* CoreCall::now_ = nullptr;
thread_local CoreState* Applying::state_ = nullptr;

Applying::Applying(CoreState& state) {
  catch_faults();
  state_ = &state;
}

Applying::~Applying() { state_ = nullptr; }

CoreCall::CoreCall(LinuxCpu& running_on, const char* function)
    : cpu(running_on), function_(function), state_(&Applying::state()), outer_(now_) {
  now_ = this;
}

CoreCall::~CoreCall() {
  now_ = outer_;
  if (!state_->trouble.empty()) return;
  if (rcu != 0) complain("returns inside an RCU read section");
  if (task_locks != 0) complain("returns with a task locked");
  if (root_of != pwd_of) complain("moves a root and a working directory apart");
}

void CoreCall::complain(const char* what, const char* more) {
  state_->complain(std::string(function_) + " " + what + more);
}

// Nothing here has a destructor when it jumps; callers in shim.cc don't either.
void CoreCall::oops(const char* what, const char* more) {
  complain(what, more);
  running_ = false;
  siglongjmp(back_, 1);
}

void CoreCall::fault() { oops("follows an invalid pointer"); }

}  // namespace props
