#include "props/differ/source.h"

namespace props {

bool Ending::unbind_or_close(const Live& live, const abi::Result& previous) {
  if (std::holds_alternative<abi::UnbindNs>(call_.op) && !previous.ok()) ++locked_;
  if (std::holds_alternative<abi::Close>(call_.op) && !previous.ok()) closes_ = false;
  if (live.running().empty()) return false;
  // By t0 if it can: binds in other mount namespaces than the initial one go with them.
  const bool t0 = live.running().has(abi::kInitialTask.n);
  call_.caller = t0 ? abi::kInitialTask : abi::TaskId{live.running()[0]};
  if (locked_ < live.binds().size()) {
    call_.op = abi::UnbindNs{abi::BindId{live.binds()[live.binds().size() - 1 - locked_]}};
    return true;
  }
  if (live.files().empty() || !closes_) return false;
  call_.op = abi::Close{abi::FileId{live.files()[live.files().size() - 1]}};
  return true;
}

const abi::Call* Ending::next(const Live& live, const abi::Result& previous) {
  if (exits_ == 0 && unbind_or_close(live, previous)) return &call_;
  const NumberSet& alive = live.running().empty() ? live.blocked() : live.running();
  // An exit ends its caller: so many calls are enough, and a system in which they are not is wrong.
  if (alive.empty() || exits_ > live.tasks_seen()) return nullptr;
  ++exits_;
  call_.caller = abi::TaskId{alive[alive.size() - 1]};
  call_.op = abi::Exit{.group = true};
  return &call_;
}

}  // namespace props
