#include "props/systems/linux_source/core_call.h"

#include <utility>

namespace props {
namespace {

// The innermost one's handlers, and what was there before.
const FaultCatcher* catching = nullptr;

}  // namespace

thread_local CoreCall* CoreCall::now_ = nullptr;
thread_local CoreState* Applying::state_ = nullptr;

// Others, a campaign's for example, come and go around it.
FaultCatcher::FaultCatcher() : outer_(std::exchange(catching, this)) {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;  // a jump out of the handler leaves nothing blocked
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before_[i]);
}

FaultCatcher::~FaultCatcher() {
  restore();
  catching = outer_;
}

void FaultCatcher::restore() const {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

void FaultCatcher::on_fault(int, siginfo_t*, void*) {
  if (CoreCall::is_running()) CoreCall::now().fault();
  catching->restore();  // not C's: it faults again, for whoever was there before
}

Applying::Applying(CoreState& state) { state_ = &state; }

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
