#include "model/model.h"

#include <string>

#include "model/calls/calls.h"
#include "model/invariants.h"

namespace model {

namespace {

// Are the names that the call would bind free, and were its tasks ever made? (abi/call.h)
struct NamesFit {
  const State& s;

  bool task_free(abi::TaskId id) const { return calls::find_task(s, id) == kNoSlot; }
  bool file_free(abi::FileId id) const { return calls::find_file(s, id) == kNoSlot; }
  bool made(abi::TaskId id) const { return calls::was_made(s, id); }

  bool operator()(const abi::Fork& c) const { return task_free(c.child); }
  bool operator()(const abi::Vfork& c) const { return task_free(c.child); }
  bool operator()(const abi::Clone& c) const {
    return task_free(c.child) && (!c.flags.has(flag::PIDFD) || file_free(c.pidfd));
  }
  bool operator()(const abi::Clone3& c) const {
    return task_free(c.child) && (!c.flags.has(flag::PIDFD) || file_free(c.pidfd));
  }
  bool operator()(const abi::Kill& c) const { return made(c.target); }
  bool operator()(const abi::Wait& c) const { return made(c.child); }
  bool operator()(const abi::OpenNs& c) const { return file_free(c.file) && made(c.target); }
  bool operator()(const abi::OpenPidfd& c) const { return file_free(c.file) && made(c.target); }
  bool operator()(const abi::OpenFile& c) const {
    return file_free(c.file) && (c.kind != abi::FileKind::proc_dir || made(c.target));
  }
  bool operator()(const abi::NsIoctl& c) const {
    const bool makes = c.op == abi::NsOp::get_userns || c.op == abi::NsOp::get_parent ||
                       c.op >= abi::NsOp::pidfd_get_cgroup;
    return !makes || file_free(c.made);
  }
  bool operator()(const abi::WriteIdMap& c) const { return made(c.target); }
  bool operator()(const abi::WriteSetgroups& c) const { return made(c.target); }
  bool operator()(const abi::WriteTimens& c) const { return made(c.target); }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

abi::Result carry_out(State& s, const abi::Call& call) {
  const Slot caller = calls::find_task(s, call.caller);
  if (caller == kNoSlot) return abi::Result::skip();
  const TaskState state = s.tasks[caller].state;
  const bool dies = std::holds_alternative<abi::Exit>(call.op);
  if (state != TaskState::running && !(state == TaskState::blocked && dies)) {
    return abi::Result::skip();
  }
  if (!std::visit(NamesFit{s}, call.op)) return abi::Result::skip();
  return std::visit([&](const auto& op) { return calls::run(s, caller, op, call.fault); }, call.op);
}

std::uint32_t count_holders(const State& s, Ref r) {
  std::uint32_t n = 0;
  for (std::uint32_t e = s.head(r).first_holder; e != 0; e = s.edges[e].next) ++n;
  return n;
}

ObjKind kind_of_slot(const State& s, Ref r) {
  return abi::is_ns(r.kind) ? kind_of(s.ns[r.slot].type) : r.kind;
}

}  // namespace

Model::Model(const abi::Setup& setup) : state_(std::make_unique<State>(setup)) {}
Model::~Model() = default;
Model::Model(const Model& o) : state_(std::make_unique<State>(*o.state_)) {}
Model& Model::operator=(const Model& o) {
  if (this != &o) *state_ = *o.state_;
  return *this;
}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

abi::Result Model::apply(const abi::Call& call) {
  state_->touched_tasks.clear();
  state_->touched_objects.clear();
  return carry_out(*state_, call);
}

std::span<const abi::TaskId> Model::touched_tasks() const { return state_->touched_tasks; }
std::span<const abi::ObjId> Model::touched_objects() const { return state_->touched_objects; }
const abi::Setup& Model::setup() const { return state_->setup; }
State& Model::state() { return *state_; }
const State& Model::state() const { return *state_; }

abi::TaskView Model::task(abi::TaskId id) const {
  const State& s = *state_;
  const Slot slot = calls::find_task(s, id);
  abi::TaskView v;
  if (slot == kNoSlot) return v;
  const Task& t = s.tasks[slot];
  v.state = t.state;
  for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
    const NsLink link = static_cast<NsLink>(i);
    const Slot ns = link_ns(s, t, link);
    if (ns == kNoSlot || unconfigured(s, type_of(link))) continue;
    if (link == NsLink::pid_for_children && !s.ns[ns].had_init &&
        s.setup.profile.version < abi::Version{7, 1, 0}) {
      continue;  // NSFS-05
    }
    v.ns[i] = s.id(s.ns_ref(ns));
  }
  if (t.nsproxy) v.nsproxy = s.id({ObjKind::nsproxy, t.nsproxy.at});
  const Cred& c = cred_of(s, t);
  v.uid = c.uid;
  v.gid = c.gid;
  v.effective = c.effective;
  v.permitted = c.permitted;
  v.inheritable = c.inheritable;
  v.bounding = c.bounding;
  v.ambient = c.ambient;
  v.chrooted = t.nsproxy && chrooted(s, t);
  return v;
}

abi::ObjectView Model::object(abi::ObjId id) const {
  const State& s = *state_;
  const Ref r = s.find(id);
  abi::ObjectView v;
  v.kind = r.kind;
  if (r.slot == kNoSlot) return v;
  v.alive = true;
  v.counted = !s.head(r).initial;
  if (v.counted) v.refs = count_holders(s, r);
  if (!abi::is_ns(r.kind)) return v;
  const Ns& n = s.ns[r.slot];
  if (v.counted && has_active(s)) v.active = active_uses(s, r.slot);
  if (n.owner.at != kNoSlot) v.owner = s.id(s.ns_ref(n.owner.at));
  switch (n.type) {
    case NsType::ipc:
      v.detail = n.semaphore;
      break;
    case NsType::time:
      v.detail = n.offset;
      break;
    case NsType::user:
    case NsType::pid:
      v.detail = n.level;
      break;
    default:
      break;
  }
  return v;
}

abi::Totals Model::totals() const {
  const State& s = *state_;
  abi::Totals t{};
  for (std::size_t i = 0; i < abi::kNsTypes; ++i) t[i] = s.live_ns[i];
  const auto set = [&t](ObjKind k, std::uint32_t n) { t[abi::index(k)] = n; };
  set(ObjKind::nsproxy, s.nsproxies.live());
  set(ObjKind::cred, s.creds.live());
  set(ObjKind::ucounts, s.ucounts.live());
  set(ObjKind::pid, s.pids.live());
  set(ObjKind::fs, s.fs.live());
  set(ObjKind::files, s.files.live());
  set(ObjKind::mm, s.mms.live());
  set(ObjKind::sighand, s.sighands.live());
  set(ObjKind::signal, s.signals.live());
  set(ObjKind::undo, s.undos.live());
  set(ObjKind::inode, s.inodes.live());
  set(ObjKind::file, s.open_files.live());
  set(ObjKind::mount, s.mounts.live());
  return t;
}

abi::View Model::view() const {
  const State& s = *state_;
  abi::View v;
  for (Slot i = 0; i < s.tasks.size(); ++i) {
    if (s.tasks[i].alive) v.tasks.push_back({s.tasks[i].id, task(s.tasks[i].id)});
  }
  std::sort(v.tasks.begin(), v.tasks.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto add = [&](ObjKind kind, const auto& pool) {
    for (Slot i = 0; i < pool.size(); ++i) {
      if (!pool[i].alive) continue;
      const Ref r{kind_of_slot(s, {kind, i}), i};
      v.objects.push_back({s.id(r), object(s.id(r))});
    }
  };
  add(ObjKind::user, s.ns);
  add(ObjKind::nsproxy, s.nsproxies);
  add(ObjKind::cred, s.creds);
  add(ObjKind::ucounts, s.ucounts);
  add(ObjKind::pid, s.pids);
  add(ObjKind::fs, s.fs);
  add(ObjKind::files, s.files);
  add(ObjKind::mm, s.mms);
  add(ObjKind::sighand, s.sighands);
  add(ObjKind::signal, s.signals);
  add(ObjKind::undo, s.undos);
  add(ObjKind::inode, s.inodes);
  add(ObjKind::file, s.open_files);
  add(ObjKind::mount, s.mounts);
  v.totals = totals();
  return v;
}

std::vector<Holder> Model::holders(abi::ObjId object) const {
  const State& s = *state_;
  std::vector<Holder> out;
  const Ref r = s.find(object);
  if (r.slot == kNoSlot) return out;
  for (std::uint32_t e = s.head(r).first_holder; e != 0; e = s.edges[e].next) {
    const Edge& edge = s.edges[e];
    if (edge.is_task) {
      out.push_back({abi::kNoObject, s.tasks[edge.from.slot].id, name(edge.why)});
    } else {
      out.push_back({s.id(edge.from), {}, name(edge.why)});
    }
  }
  return out;
}

std::string Model::describe(abi::ObjId object) const {
  const State& s = *state_;
  const auto label = [&s](Ref r) {
    return std::string(abi::name(kind_of_slot(s, r))) + ":" + std::to_string(r.slot);
  };
  const Ref r = s.find(object);
  if (r.slot == kNoSlot) return std::string(abi::name(r.kind)) + " (gone)";
  std::string out = label(r);
  if (s.head(r).initial) out += " (initial)";
  if (abi::is_ns(r.kind) && s.ns[r.slot].owner.at != kNoSlot) {
    out += ", owned by " + label(s.ns_ref(s.ns[r.slot].owner.at));
  }
  out += ", held by";
  std::uint32_t shown = 0;
  for (std::uint32_t e = s.head(r).first_holder; e != 0; e = s.edges[e].next) {
    const Edge& edge = s.edges[e];
    if (++shown > 12) {
      out += " …";
      break;
    }
    out += shown > 1 ? ", " : " ";
    out += edge.is_task ? "t" + std::to_string(s.tasks[edge.from.slot].id.n) : label(edge.from);
    out += " (" + std::string(name(edge.why)) + ")";
  }
  return shown == 0 ? out + " nobody" : out;
}

Explanation Model::explain(const abi::Call& call) const {
  Model copy(*this);
  std::vector<std::uint16_t> passed;
  copy.state_->passed = &passed;
  Explanation e;
  e.result = copy.apply(call);
  copy.state_->passed = nullptr;
  if (e.result.rule != 0) e.rule = &rules()[e.result.rule];
  for (std::uint16_t index : passed) e.passed.push_back(&rules()[index]);
  return e;
}

std::vector<Violation> Model::check(Exercised* exercised) const {
  return check_all(*state_, exercised);
}
std::vector<Violation> Model::check_touched(Exercised* exercised) const {
  return check_last(*state_, exercised);
}

}  // namespace model
