#include "model/testing/programs.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "model/state.h"

namespace model {

namespace {

using abi::Flags;
namespace flag = abi::flag;

// A number below n.
template <class T = std::uint32_t>
T pick(T n) {
  return *rc::gen::inRange<T>(0, n);
}
bool one_in(int n) { return pick(n) == 0; }

abi::TaskId task() { return abi::TaskId{pick(64u)}; }
abi::FileId file() { return abi::FileId{pick(64u)}; }

Flags namespaces() {
  Flags f;
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (one_in(4)) f |= flag_of(t);
  }
  return f;
}

Flags process_flags() {
  constexpr Flags kThread = flag::VM | flag::SIGHAND | flag::THREAD;
  switch (pick(8)) {
    case 0:
      return kThread;
    case 1:
      return kThread | flag::FS | flag::FILES | flag::SYSVSEM;
    case 2:
      return flag::VM | flag::VFORK;
    case 3:
      return flag::PARENT;
    case 4:
      return *rc::gen::element(flag::FS, flag::FILES, flag::VM, flag::SYSVSEM, flag::SIGHAND,
                               flag::VM | flag::SIGHAND, flag::VM | flag::FS, flag::DETACHED);
    default:
      return {};
  }
}

abi::Id id() { return *rc::gen::element<abi::Id>(0, 1, 1000, abi::kUnchanged); }

abi::CapSet caps() {
  return *rc::gen::element<abi::CapSet>(0, abi::kCapFull, abi::cap_bit(abi::cap::SYS_ADMIN),
                                        abi::cap_bit(abi::cap::SETUID));
}

abi::Clone3 clone3() {
  abi::Clone3 c{.child = task(), .flags = namespaces() | process_flags(), .pidfd = file()};
  if (c.flags.has(flag::THREAD | flag::PARENT)) c.exit_signal = 0;
  if (one_in(4)) c.flags |= flag::PIDFD;
  if (one_in(8)) c.flags |= flag::INTO_CGROUP;
  if (one_in(8)) c.pidfd_pointer = abi::Pointer::bad;
  if (one_in(4)) {
    c.set_tid = {static_cast<std::int32_t>(pick(5))};
    c.set_tid_size = 1;
    c.set_tid_pointer = abi::Pointer::good;
  }
  return c;
}

abi::Clone clone() {
  abi::Clone c{.child = task(), .flags = namespaces() | process_flags(), .pidfd = file()};
  c.flags &= ~flag::EXIT_SIGNAL;
  if (one_in(4)) c.flags |= flag::PIDFD;
  if (one_in(8)) c.pidfd_pointer = abi::Pointer::bad;
  return c;
}

abi::WriteIdMap id_map() {
  abi::WriteIdMap m{.target = task(), .kind = one_in(2) ? abi::MapKind::uid : abi::MapKind::gid};
  const abi::Id outside = *rc::gen::element<abi::Id>(0, 0, 1000);
  m.extents.push_back({0, outside, *rc::gen::element<abi::Id>(1, 1, 2000)});
  return m;
}

abi::Op op() {
  switch (pick(29)) {
    case 0:
    case 1:
      return abi::Fork{task()};
    case 2:
      return abi::Vfork{task()};
    case 3:
    case 4:
      return clone();
    case 5:
    case 6:
      return clone3();
    case 7:
    case 8:
      return abi::Unshare{one_in(4) ? process_flags() : namespaces()};
    case 9:
      return abi::Setns{file(), one_in(2) ? Flags() : namespaces()};
    case 10:
      return abi::Execve{};
    case 11:
      return abi::Exit{one_in(2)};
    case 12:
      return abi::Kill{task()};
    case 13:
    case 14:
      return abi::Wait{task()};
    case 15:
    case 16:
      return abi::OpenNs{file(), task(), static_cast<abi::NsLink>(pick(abi::kNsLinks)), one_in(8)};
    case 17:
      return abi::OpenPidfd{file(), task(), one_in(4)};
    case 18:
      return abi::OpenFile{file(), static_cast<abi::FileKind>(pick(4)), task()};
    case 19:
      return abi::Close{file()};
    case 20:
      return abi::BindNs{abi::BindId{pick(2u)}, file()};
    case 21:
      return abi::UnbindNs{abi::BindId{pick(2u)}};
    case 22:
      return abi::NsIoctl{file(), static_cast<abi::NsOp>(pick(abi::kNsOps)), file(),
                          one_in(2) ? 0 : pick<std::int64_t>(5)};
    case 23:
      if (one_in(4)) return abi::PivotRoot{};
      return abi::Chroot{one_in(2) ? abi::RootPlace::inside : abi::RootPlace::top};
    case 24:
      if (one_in(2)) return abi::Setresgid{id(), id(), id()};
      return abi::Setresuid{id(), id(), id()};
    case 25:
      if (one_in(4)) return abi::Capset{caps(), caps(), caps()};
      return abi::Prctl{static_cast<abi::PrctlOp>(pick(abi::kPrctlOps)), pick<std::uint64_t>(3)};
    case 26:
      if (one_in(3)) return abi::WriteSetgroups{task(), one_in(2)};
      return id_map();
    case 27:
      if (one_in(2)) return abi::WriteTimens{task(), pick<std::int64_t>(9), 0};
      return abi::SetLimit{abi::kAllNsTypes[pick(abi::kNsTypes)],
                           *rc::gen::element(0u, 1u, 3u, 100u, 100u)};
    default:
      return abi::Semop{};
  }
}

constexpr std::uint32_t kTasks = 10, kFiles = 6;  // names in use at most

// Makes the operands of one call fit; see settle().
struct Settle {
  const Model& m;
  std::vector<std::uint32_t> tasks, files;
  std::uint32_t free_task = kTasks, free_file = kFiles;

  explicit Settle(const Model& model) : m(model) {
    for (const abi::TaskEntry& t : m.view().tasks) tasks.push_back(t.id.n);
    for (std::uint32_t n = 0; n < kFiles; ++n) {
      const bool open = m.state().file_names.find(n) < kGone;
      if (open) files.push_back(n);
      if (!open) free_file = std::min(free_file, n);
    }
    for (std::uint32_t n = 0; n < kTasks; ++n) {
      if (std::find(tasks.begin(), tasks.end(), n) == tasks.end()) {
        free_task = std::min(free_task, n);
      }
    }
  }

  static void among(const std::vector<std::uint32_t>& all, std::uint32_t& n) {
    if (n % 8 == 7 || all.empty()) {
      n %= 8;
    } else {
      n = all[n / 8 % all.size()];
    }
  }
  void old(abi::TaskId& id) const { among(tasks, id.n); }
  void old(abi::FileId& id) const { among(files, id.n); }
  OpenKind kind_of_file(abi::FileId id) const {
    const Slot slot = m.state().file_names.find(id.n);
    return slot < kGone ? m.state().open_files[slot].kind : OpenKind::other;
  }
  void fresh(abi::TaskId& id) const { id.n = free_task; }
  void fresh(abi::FileId& id) const { id.n = free_file; }

  void operator()(abi::Fork& c) const { fresh(c.child); }
  void operator()(abi::Vfork& c) const { fresh(c.child); }
  void operator()(abi::Clone& c) const {
    fresh(c.child);
    fresh(c.pidfd);
  }
  void operator()(abi::Clone3& c) const {
    fresh(c.child);
    fresh(c.pidfd);
  }
  // Flags and ops that suit the kind of file, mostly.
  void operator()(abi::Setns& c) const {
    const bool strict = c.file.n % 4 != 0;
    old(c.file);
    const OpenKind kind = kind_of_file(c.file);
    if (strict && kind == OpenKind::nsfs) c.flags = {};
    if (strict && kind == OpenKind::pidfd && c.flags.empty()) c.flags = flag::NEWUTS;
  }
  void operator()(abi::Kill& c) const { old(c.target); }
  void operator()(abi::Wait& c) const { old(c.child); }
  void operator()(abi::OpenNs& c) const {
    fresh(c.file);
    old(c.target);
  }
  void operator()(abi::OpenPidfd& c) const {
    fresh(c.file);
    old(c.target);
  }
  void operator()(abi::OpenFile& c) const {
    fresh(c.file);
    old(c.target);
  }
  void operator()(abi::Close& c) const { old(c.file); }
  void operator()(abi::BindNs& c) const { old(c.file); }
  void operator()(abi::NsIoctl& c) const {
    const bool strict = c.file.n % 4 != 0;
    old(c.file);
    fresh(c.made);
    const OpenKind kind = kind_of_file(c.file);
    const auto op = static_cast<unsigned>(c.op) % 10;
    if (strict && kind == OpenKind::nsfs) c.op = static_cast<abi::NsOp>(1 + op);
    if (strict && kind == OpenKind::pidfd) c.op = static_cast<abi::NsOp>(11 + op);
  }
  void operator()(abi::WriteIdMap& c) const { old(c.target); }
  void operator()(abi::WriteSetgroups& c) const { old(c.target); }
  void operator()(abi::WriteTimens& c) const { old(c.target); }
  void operator()(auto&) const {}
};

}  // namespace

abi::Call settle(const Model& m, abi::Call call) {
  std::vector<std::uint32_t> running;
  for (const abi::TaskEntry& t : m.view().tasks) {
    if (t.view.state == abi::TaskState::running) running.push_back(t.id.n);
  }
  if (running.empty()) return call;
  const std::uint32_t any = call.caller.n;
  call.caller.n = running[any % running.size()];
  // What would end the last two makes another, and what would make too many ends one.
  const Settle fit(m);
  const bool ends =
      std::holds_alternative<abi::Exit>(call.op) || std::holds_alternative<abi::Kill>(call.op);
  const bool makes_task = call.op.index() < 4;
  const bool makes_file = std::holds_alternative<abi::OpenNs>(call.op) ||
                          std::holds_alternative<abi::OpenPidfd>(call.op) ||
                          std::holds_alternative<abi::OpenFile>(call.op);
  if (ends && running.size() <= 2) call.op = abi::Fork{};
  if (makes_task && fit.free_task == kTasks) call.op = abi::Wait{abi::TaskId{any}};
  if (makes_file && fit.free_file == kFiles) call.op = abi::Close{abi::FileId{any}};
  std::visit(fit, call.op);
  return call;
}

rc::Gen<abi::Setup> any_setup() {
  return rc::gen::exec([] {
    const auto profiles = abi::standard_profiles();
    abi::Setup s{.profile = profiles[pick(profiles.size())]};
    if (one_in(3)) {
      s.uid = s.gid = 1000;
      s.caps = 0;
    }
    return s;
  });
}

rc::Gen<abi::Program> any_program() {
  return rc::gen::container<abi::Program>(rc::gen::exec([] {
    abi::Call c{.caller = task(), .op = op()};
    if (one_in(6)) c.fault = static_cast<std::uint16_t>(1 + pick(12));
    return c;
  }));
}

}  // namespace model
