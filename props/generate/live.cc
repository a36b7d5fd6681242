#include "props/generate/live.h"

#include <algorithm>

namespace props {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// The namespace type of the descriptor that an ioctl makes; get_userns and get_parent of a user
// namespace make user files, which is what a guess may assume.
bool made_by(abi::NsOp op, const LiveFile& source, LiveFile& made) {
  using abi::NsOp;
  using abi::NsType;
  made.kind = LiveFileKind::ns;
  made.target = source.target;
  switch (op) {
    case NsOp::get_userns:
    case NsOp::pidfd_get_user:
      made.type = NsType::user;
      return true;
    case NsOp::get_parent:
      made.type = source.type;
      return true;
    case NsOp::pidfd_get_cgroup:
      made.type = NsType::cgroup;
      return true;
    case NsOp::pidfd_get_ipc:
      made.type = NsType::ipc;
      return true;
    case NsOp::pidfd_get_mnt:
      made.type = NsType::mnt;
      return true;
    case NsOp::pidfd_get_net:
      made.type = NsType::net;
      return true;
    case NsOp::pidfd_get_pid:
    case NsOp::pidfd_get_pid_for_children:
      made.type = NsType::pid;
      return true;
    case NsOp::pidfd_get_time:
    case NsOp::pidfd_get_time_for_children:
      made.type = NsType::time;
      return true;
    case NsOp::pidfd_get_uts:
      made.type = NsType::uts;
      return true;
    default:
      return false;
  }
}

}  // namespace

void NumberSet::clear() {
  for (std::uint32_t n : items_) place_[n] = 0;
  items_.clear();
}

void NumberSet::insert(std::uint32_t n) {
  if (n >= place_.size()) place_.resize(n + std::size_t{1} + n / 2);
  if (place_[n] != 0) return;
  items_.push_back(n);
  place_[n] = static_cast<std::uint32_t>(items_.size());
}

void NumberSet::erase(std::uint32_t n) {
  if (!has(n)) return;
  const std::uint32_t hole = place_[n];
  const std::uint32_t last = items_.back();
  items_[hole - 1] = last;
  place_[last] = hole;
  place_[n] = 0;
  items_.pop_back();
}

void Live::clear() {
  for (NumberSet* set : {&running_, &blocked_, &ended_, &files_, &ns_files_, &pidfds_, &binds_}) {
    set->clear();
  }
  tasks_.clear();
  file_info_.clear();
  steps_.fill(0);
  newest_ = abi::kInitialTask;
}

void Live::see_task(abi::TaskId id, const abi::TaskView& view) {
  if (id.n >= tasks_.size()) tasks_.resize(id.n + std::size_t{1});
  LiveTask& task = tasks_[id.n];
  const abi::TaskState before = task.view.state;
  task.view = view;
  if (before == view.state) return;
  running_.erase(id.n);
  blocked_.erase(id.n);
  ended_.erase(id.n);
  switch (view.state) {
    case abi::TaskState::none:
      break;
    case abi::TaskState::running:
      running_.insert(id.n);
      break;
    case abi::TaskState::blocked:
      blocked_.insert(id.n);
      break;
    case abi::TaskState::dying:
    case abi::TaskState::zombie:
      ended_.insert(id.n);
      break;
  }
}

void Live::see_call(const abi::Call& call, const abi::Result& result) {
  std::uint16_t& steps = steps_[call.op.index()];
  steps = std::max(steps, result.steps);
  if (result.ok()) see_effect(call);
}

void Live::add_task(abi::TaskId id, abi::TaskId caller, abi::Flags flags) {
  if (id.n >= tasks_.size()) tasks_.resize(id.n + std::size_t{1});
  if (caller.n >= tasks_.size()) return;
  LiveTask& task = tasks_[id.n];
  const LiveTask& maker = tasks_[caller.n];
  const bool thread = flags.has(abi::flag::THREAD);
  task.parent = thread || flags.has(abi::flag::PARENT) ? maker.parent : caller.n;
  task.group = thread ? maker.group : id.n;
  newest_ = id;
}

void Live::add_file(abi::FileId id, const LiveFile& info) {
  if (id.n >= file_info_.size()) file_info_.resize(id.n + std::size_t{1});
  file_info_[id.n] = info;
  files_.insert(id.n);
  if (info.kind == LiveFileKind::ns) ns_files_.insert(id.n);
  if (info.kind == LiveFileKind::pidfd) pidfds_.insert(id.n);
}

void Live::drop_file(abi::FileId id) {
  files_.erase(id.n);
  ns_files_.erase(id.n);
  pidfds_.erase(id.n);
}

void Live::see_effect(const abi::Call& call) {
  const auto made_pidfd = [&](abi::Flags flags, abi::FileId file, abi::TaskId child) {
    if (flags.has(abi::flag::PIDFD)) add_file(file, {.kind = LiveFileKind::pidfd, .target = child});
  };
  std::visit(Overloaded{
                 [&](const abi::Fork& c) { add_task(c.child, call.caller, {}); },
                 [&](const abi::Vfork& c) { add_task(c.child, call.caller, {}); },
                 [&](const abi::Clone& c) {
                   add_task(c.child, call.caller, c.flags);
                   made_pidfd(c.flags, c.pidfd, c.child);
                 },
                 [&](const abi::Clone3& c) {
                   add_task(c.child, call.caller, c.flags);
                   made_pidfd(c.flags, c.pidfd, c.child);
                 },
                 [&](const abi::OpenNs& c) {
                   add_file(
                       c.file,
                       {.kind = LiveFileKind::ns, .type = type_of(c.link), .target = c.target});
                 },
                 [&](const abi::OpenPidfd& c) {
                   add_file(c.file, {.kind = LiveFileKind::pidfd, .target = c.target});
                 },
                 [&](const abi::OpenFile& c) { add_file(c.file, {.target = c.target}); },
                 [&](const abi::Close& c) { drop_file(c.file); },
                 [&](const abi::BindNs& c) { binds_.insert(c.bind.n); },
                 [&](const abi::UnbindNs& c) { binds_.erase(c.bind.n); },
                 [&](const abi::NsIoctl& c) {
                   const LiveFile source =
                       c.file.n < file_info_.size() ? file_info_[c.file.n] : LiveFile{};
                   if (LiveFile made; made_by(c.op, source, made)) add_file(c.made, made);
                 },
                 [](const auto&) {},
             },
             call.op);
}

}  // namespace props
