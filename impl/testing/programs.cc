// Random calls: see programs.h.
#include "impl/testing/programs.h"

#include <array>
#include <random>

namespace impl {
namespace {

using namespace nsabi;

class Draw {
 public:
  Draw(std::uint64_t seed, const Names3& names, std::uint32_t first_task)
      : bits_(seed), names_(names), first_task_(first_task) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(bits_() % n); }
  bool often(std::uint32_t one_in) { return below(one_in) == 0; }

  // Mostly one that exists.
  TaskId task() {
    const std::uint32_t stray = often(20) ? 1 : 0;
    return {first_task_ + below(names_.tasks - first_task_ + stray)};
  }
  FileId file() { return {below(names_.files + 1)}; }
  BindId bind() { return {below(names_.binds + 1)}; }
  TaskId new_task() const { return {names_.tasks}; }
  FileId new_file() const { return {names_.files}; }
  BindId new_bind() const { return {names_.binds}; }

  Flags flags() {
    Flags sum;
    for (std::uint32_t i = below(4); i > 0; --i) sum |= flag_names()[below(27)].flag;
    if (often(12)) sum |= flag::THREAD | flag::SIGHAND | flag::VM | flag::FS | flag::FILES;
    if (often(30)) sum |= Flags(std::uint64_t{1} << below(64));
    if (often(3)) sum = sum & (flag::NAMESPACES | flag::VM);
    return sum;
  }
  template <class E>
  E any(std::uint32_t count) {
    return static_cast<E>(below(count));
  }
  Pointer pointer() { return often(12) ? any<Pointer>(3) : Pointer::good; }
  Id id() {
    constexpr std::array<Id, 4> ids = {0, 1000, 2000, kUnchanged};
    return ids[below(4)];
  }
  CapSet caps() {
    return often(2) ? kCapFull & ~cap_bit(cap::SYS_ADMIN + int(below(4))) : kCapFull;
  }

 private:
  std::minstd_rand bits_;
  const Names3& names_;
  std::uint32_t first_task_;
};

Op random_clone(Draw& d) {
  if (d.often(2)) {
    return Clone{.child = d.new_task(),
                 .flags = (d.flags() & ~flag::EXIT_SIGNAL) | Flags(kSIGCHLD),
                 .pidfd = d.new_file(),
                 .pidfd_pointer = d.pointer()};
  }
  Clone3 c{.child = d.new_task(),
           .flags = d.flags(),
           .set_tid = {},
           .pidfd = d.new_file(),
           .pidfd_pointer = d.pointer()};
  if (c.flags.has(flag::THREAD | flag::PARENT)) c.exit_signal = 0;
  if (d.often(8)) {
    c.set_tid = {static_cast<std::int32_t>(d.below(6))};
    c.set_tid_size = 1;
    c.set_tid_pointer = Pointer::good;
  }
  return c;
}

Op random_cred_op(Draw& d) {
  switch (d.below(6)) {
    case 0:
      return Setresuid{d.id(), d.id(), d.id()};
    case 1:
      return Setresgid{d.id(), d.id(), d.id()};
    case 2:
      return Capset{d.caps(), d.caps(), 0};
    case 3:
      return Prctl{d.any<PrctlOp>(kPrctlOps), d.below(3)};
    case 4:
      return WriteSetgroups{d.task(), d.often(3)};
    default:
      return WriteIdMap{
          d.task(), d.any<MapKind>(2), {{0, d.below(2) * 1000, 1 + d.below(2) * 65535}}};
  }
}

Op random_file_op(Draw& d) {
  switch (d.below(8)) {
    case 0:
    case 1:
      return OpenNs{d.new_file(), d.task(), d.any<NsLink>(kNsLinks), d.often(10)};
    case 2:
      return OpenPidfd{d.new_file(), d.task(), d.often(3)};
    case 3:
      return OpenFile{d.new_file(), d.any<FileKind>(4), d.task()};
    case 4:
      return Close{d.file()};
    case 5:
      return BindNs{d.new_bind(), d.file()};
    case 6:
      return UnbindNs{d.bind()};
    default:
      return NsIoctl{d.file(), d.any<NsOp>(kNsOps), d.new_file(), d.below(4), d.pointer()};
  }
}

Op random_other_op(Draw& d) {
  switch (d.below(6)) {
    case 0:
      return Chroot{d.any<RootPlace>(2)};
    case 1:
      return PivotRoot{};
    case 2:
      return SetLimit{d.any<NsType>(kNsTypes), d.below(5)};
    case 3:
      return WriteTimens{d.task(), d.below(1000), 0};
    default:
      return Semop{};
  }
}

Op random_op(Draw& d) {
  switch (d.below(16)) {
    case 0:
      return Fork{d.new_task()};
    case 1:
      return d.often(3) ? Op(Vfork{d.new_task()}) : Op(Fork{d.new_task()});
    case 2:
    case 3:
    case 4:
      return random_clone(d);
    case 5:
    case 6:
      return Unshare{d.flags()};
    case 7:
      return Setns{d.file(), d.often(2) ? d.flags() & flag::NAMESPACES : Flags()};
    case 8:
      return Execve{};
    case 9:
      return Exit{d.often(2)};
    case 10:
      return Kill{d.task()};
    case 11:
      return Wait{d.task()};
    case 12:
      return random_cred_op(d);
    case 13:
    case 14:
      return random_file_op(d);
    default:
      return random_other_op(d);
  }
}

}  // namespace

Call random_call(std::uint64_t seed, const Names3& names, std::uint32_t first_task) {
  Draw d(seed, names, first_task);
  Call call{.caller = d.task(), .op = {}};
  if (d.often(5)) call.fault = static_cast<std::uint16_t>(1 + d.below(20));
  call.op = random_op(d);
  return call;
}

Setup random_setup(std::uint64_t seed) {
  Draw d(seed, {}, 0);
  const auto profiles = standard_profiles();
  Setup setup{.profile = profiles[d.below(static_cast<std::uint32_t>(profiles.size()))]};
  if (d.often(8)) {
    setup.profile.configured = setup.profile.configured.without(d.any<NsType>(kNsTypes));
  }
  if (d.often(3)) setup.uid = setup.gid = 1000;
  if (d.often(6)) setup.caps = 0;
  return setup;
}

NameLists all_of(const Names3& names) {
  const auto below = [](std::uint32_t first, std::uint32_t end) {
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t n = first; n < end; ++n) numbers.push_back(n);
    return numbers;
  };
  return {below(1, names.tasks), below(0, names.files), below(0, names.binds)};
}

void see_result(const Call& call, const Result& result, Names3& names) {
  if (!result.ok()) return;
  const std::size_t op = call.op.index();
  constexpr std::size_t last_clone = 3;  // Fork, Vfork, Clone, Clone3
  if (op <= last_clone) {
    ++names.tasks;
    ++names.files;  // if it made a pidfd
  }
  if (std::holds_alternative<OpenNs>(call.op) || std::holds_alternative<OpenPidfd>(call.op) ||
      std::holds_alternative<OpenFile>(call.op) || std::holds_alternative<NsIoctl>(call.op)) {
    ++names.files;
  }
  if (std::holds_alternative<BindNs>(call.op)) ++names.binds;
}

}  // namespace impl
