#include "props/testing/toy.h"

namespace props::testing {

using abi::ObjKind;
using abi::Result;

Toy::Toy(const abi::Setup& setup, Defect defect) : setup_(setup), defect_(defect) {
  user_ns_ = make(ObjKind::user);
  objects_[user_ns_].counted = false;
  Task t0;
  t0.view.state = abi::TaskState::running;
  t0.view.nsproxy = make(ObjKind::nsproxy);
  t0.view.ns[index(abi::NsLink::uts)] = make(ObjKind::uts, user_ns_);
  t0.view.ns[index(abi::NsLink::user)] = user_ns_;
  t0.cred = make(ObjKind::cred);
  tasks_[0] = t0;
}

abi::ObjId Toy::make(ObjKind kind, abi::ObjId owner) {
  const abi::ObjId id = next_object_++;
  abi::ObjectView& view = objects_[id];
  view.kind = kind;
  view.alive = true;
  view.owner = owner;
  get(id);
  return id;
}

void Toy::get(abi::ObjId id) {
  ++objects_[id].refs;
  touched_objects_.push_back(id);
}

void Toy::put(abi::ObjId id) {
  abi::ObjectView& view = objects_[id];
  view.alive = --view.refs != 0;
  if (defect_ != Defect::untouched) touched_objects_.push_back(id);
}

Result Toy::apply(const abi::Call& call) {
  touched_tasks_.clear();
  touched_objects_.clear();
  const auto found = tasks_.find(call.caller.n);
  if (found == tasks_.end() || found->second.view.state != abi::TaskState::running) {
    return defect_ == Defect::skips_nothing ? Result::failure(abi::Errno::kESRCH) : Result::skip();
  }
  touched_tasks_.push_back(call.caller);
  if (const auto* op = std::get_if<abi::Fork>(&call.op)) return fork(call.caller, op->child);
  if (const auto* op = std::get_if<abi::Unshare>(&call.op); op && op->flags == abi::flag::NEWUTS) {
    return unshare(call.caller, call.fault);
  }
  if (const auto* op = std::get_if<abi::Setresuid>(&call.op)) {
    found->second.view.uid[2] = op->saved;
    if (defect_ != Defect::wrong_uid) found->second.view.uid = {op->real, op->effective, op->saved};
    return Result::success();
  }
  if (const auto* op = std::get_if<abi::OpenFile>(&call.op)) {
    if (files_.count(op->file.n) != 0) return Result::skip();
    get(found->second.cred);
    files_[op->file.n] = {make(ObjKind::file), found->second.cred};
    return Result::success();
  }
  if (const auto* op = std::get_if<abi::Close>(&call.op)) return close(op->file);
  if (std::holds_alternative<abi::Exit>(call.op)) {
    exit(call.caller);
    return Result::success();
  }
  return Result::failure(abi::Errno::kENOSYS);
}

Result Toy::fork(abi::TaskId caller, abi::TaskId child) {
  if (tasks_.count(child.n) != 0) return Result::skip();
  Task task = tasks_[caller.n];
  get(task.view.nsproxy);
  if (defect_ == Defect::two_names) {
    task.view.nsproxy = make(ObjKind::nsproxy);
    put(task.view.nsproxy);
  }
  task.cred = make(ObjKind::cred);
  tasks_[child.n] = task;
  touched_tasks_.push_back(child);
  return Result::success(defect_ == Defect::wrong_value ? 0 : next_pid_++);
}

Result Toy::unshare(abi::TaskId caller, std::uint16_t fault) {
  if (fault == 1 || fault == 2) {  // the nsproxy, the namespace
    Result failed = Result::failure(abi::Errno::kENOMEM);
    if (defect_ == Defect::wrong_errno) failed.error = abi::Errno::kEINVAL;
    failed.steps = fault;
    return failed;
  }
  broken_ = defect_ == Defect::breaks_promise;
  Task& task = tasks_[caller.n];
  abi::ObjId& uts = task.view.ns[index(abi::NsLink::uts)];
  const abi::ObjId old = task.view.nsproxy;
  task.view.nsproxy = make(ObjKind::nsproxy);
  if (defect_ == Defect::shares_uts) {
    get(uts);
  } else {
    uts = make(ObjKind::uts, defect_ == Defect::wrong_owner ? 0 : user_ns_);
  }
  if (defect_ != Defect::forgets_put) {
    const abi::ObjId old_uts = old + 1;  // made right after its nsproxy, here
    put(old);
    if (!objects_[old].alive) put(old_uts);
  }
  Result done = Result::success();
  done.steps = defect_ == Defect::extra_step ? 3 : 2;
  return done;
}

Result Toy::close(abi::FileId file) {
  const auto found = files_.find(file.n);
  if (found == files_.end()) return Result::failure(abi::Errno::kEBADF);
  const auto [object, cred] = found->second;
  if (defect_ != Defect::leaks_file && defect_ != Defect::never_ends) put(object);
  if (defect_ != Defect::forgets_cred) put(cred);
  files_.erase(found);
  return Result::success();
}

// The toy has no zombies: an exited task is reaped.
void Toy::exit(abi::TaskId caller) {
  const Task task = tasks_[caller.n];
  tasks_.erase(caller.n);
  put(task.cred);
  put(task.view.nsproxy);
  if (!objects_[task.view.nsproxy].alive) put(task.view.ns[index(abi::NsLink::uts)]);
}

abi::TaskView Toy::task(abi::TaskId id) const {
  const auto found = tasks_.find(id.n);
  return found == tasks_.end() ? abi::TaskView{} : found->second.view;
}

abi::ObjectView Toy::object(abi::ObjId id) const {
  const auto found = objects_.find(id);
  return found == objects_.end() ? abi::ObjectView{} : found->second;
}

abi::Totals Toy::totals() const {
  abi::Totals totals{};
  for (const auto& [id, view] : objects_) totals[index(view.kind)] += view.alive;
  return totals;
}

abi::View Toy::view() const {
  abi::View view;
  for (const auto& [n, task] : tasks_) view.tasks.push_back({abi::TaskId{n}, task.view});
  for (const auto& [id, object] : objects_) {
    if (object.alive) view.objects.push_back({id, object});
  }
  view.totals = totals();
  return view;
}

std::vector<model::Violation> Toy::check(model::Exercised*) const {
  if (!broken_) return {};
  return {{"TOY-01", "an unshare broke it"}};
}

}  // namespace props::testing
