// clone, clone3, setns and the ioctls: calls whose arguments depend on each other.
#include "props/generate/makers.h"

namespace props {
namespace {

namespace flag = abi::flag;
using abi::Pointer;

Pointer bad_sometimes(Generator& g) {
  if (!g.random().one_in(12)) return Pointer::good;
  return g.random().one_in(3) ? Pointer::null : Pointer::bad;
}

// A number that somebody has, that nobody has, that nobody can have.
std::int32_t tid(Random& random) {
  static constexpr std::int32_t kOdd[] = {0, -1, 4194303, 4194304, 0x7fffffff};
  if (random.one_in(12)) return random.of(kOdd);
  if (random.one_in(3)) return 1;
  return static_cast<std::int32_t>(1 + random.below(random.one_in(2) ? 12u : 400u));
}

void draw_set_tid(Generator& g, abi::Clone3& c) {
  Random& random = g.random();
  c.set_tid_pointer = Pointer::good;
  c.set_tid_size = random.one_in(3) ? 1 + random.below(4u) : 1;
  for (std::uint64_t i = 0; i < c.set_tid_size; ++i) c.set_tid.push_back(tid(random));
  if (!random.one_in(12)) return;
  switch (random.below(4u)) {  // a shape that the kernel refuses
    case 0:
      c.set_tid_size = 33;
      break;
    case 1:
      c.set_tid_pointer = Pointer::null;
      break;
    case 2:
      c.set_tid_size = 0;
      break;
    default:
      c.set_tid_pointer = Pointer::bad;
      break;
  }
  c.set_tid.clear();
}

void draw_odd_struct(Generator& g, abi::Clone3& c) {
  Random& random = g.random();
  switch (random.below(8u)) {
    case 0: {
      static constexpr std::uint64_t kSizes[] = {0, 63, 64, 72, 80, 96, 4096, 4097};
      c.size = random.of(kSizes);
      c.nonzero_tail = c.size > 88 && random.one_in(2);
      if (c.nonzero_tail && random.one_in(4)) c.args = Pointer::bad;
      break;
    }
    case 1:
      c.args = random.one_in(2) ? Pointer::null : Pointer::bad;
      break;
    case 2: {
      static constexpr std::uint64_t kSignals[] = {1, 64, 65, 255, 256, 0x10011};
      c.exit_signal = random.of(kSignals);
      break;
    }
    case 3:
      c.stack = 0x10000;
      c.stack_size = random.one_in(2) ? 0x10000 : 0;
      break;
    case 4:
      c.stack_size = 0x10000;
      c.stack = random.one_in(2) ? ~std::uint64_t{0xffff} : 0;
      break;
    case 5:
      c.flags |= flag::INTO_CGROUP;
      c.cgroup = random.one_in(3) ? std::uint64_t{0x80000000} : random.below(8u);
      if (random.one_in(4)) c.size = 80;
      if (random.one_in(4)) c.flags |= flag::PIDFD;
      break;
    case 6:
      c.flags |= flag::CLEAR_SIGHAND;
      break;
    default:
      c.same_tid_pointer = true;
      c.flags |= flag::PIDFD | flag::PARENT_SETTID;
      break;
  }
}

}  // namespace

abi::Op make_clone(Generator& g, const Live&) {
  abi::Clone c{.child = g.new_task(), .flags = clone_flags(g, false)};
  if (c.flags.has(flag::PIDFD)) {
    c.pidfd = g.new_file();
    c.pidfd_pointer = bad_sometimes(g);
  }
  return c;
}

abi::Op make_clone3(Generator& g, const Live&) {
  abi::Clone3 c;
  c.child = g.new_task();
  c.flags = clone_flags(g, true);
  Random& random = g.random();
  const std::uint32_t extra = g.mix().extra;
  if (c.flags.has(flag::THREAD | flag::PARENT)) c.exit_signal = random.one_in(24) ? 17 : 0;
  if (random.often(extra)) draw_set_tid(g, c);
  const bool odd = random.often(extra) || g.wild();
  if (odd) draw_odd_struct(g, c);
  if (odd && random.one_in(3)) draw_odd_struct(g, c);  // which of two is refused first?
  if (c.flags.has(flag::PIDFD)) {
    c.pidfd = g.new_file();
    c.pidfd_pointer = odd && random.one_in(4) ? Pointer::bad : bad_sometimes(g);
  }
  return c;
}

abi::Op make_setns(Generator& g, const Live& live) {
  Random& random = g.random();
  const bool pidfd = !live.pidfds().empty() && (live.ns_files().empty() || random.one_in(3));
  const abi::FileId file = g.file(live, pidfd ? live.pidfds() : live.ns_files());
  abi::Flags flags;
  if (live.ns_files().has(file.n)) {
    if (!random.one_in(3)) flags = flag_of(live.file(file).type);
    if (random.one_in(16)) flags |= flag_of(random.of(abi::kAllNsTypes));
  } else {
    flags = random.one_in(2) ? some_types(g) : flag_of(random.of(abi::kAllNsTypes));
    if (random.one_in(6)) flags |= flag::NEWUSER;
  }
  return abi::Setns{file, g.wild() ? wild_flags(g, flags) : flags};
}

abi::Op make_ioctl(Generator& g, const Live& live) {
  Random& random = g.random();
  const bool pidfd = !live.pidfds().empty() && (live.ns_files().empty() || random.one_in(3));
  abi::NsIoctl c{.file = g.file(live, pidfd ? live.pidfds() : live.ns_files())};
  const auto any = [&](abi::NsOp first, abi::NsOp last) {
    const auto low = static_cast<std::uint32_t>(first);
    return static_cast<abi::NsOp>(low + random.below(static_cast<std::uint32_t>(last) - low + 1));
  };
  if (random.one_in(24)) {
    c.op = any(abi::NsOp::unknown, abi::NsOp::pidfd_get_uts);
  } else if (pidfd) {
    c.op = any(abi::NsOp::pidfd_get_cgroup, abi::NsOp::pidfd_get_uts);
  } else if (live.ns_files().has(c.file.n) && live.file(c.file).type == abi::NsType::pid) {
    c.op = any(abi::NsOp::get_userns, abi::NsOp::get_tgid_in_pidns);
  } else {
    c.op = any(abi::NsOp::get_userns, abi::NsOp::get_id);
  }
  if (c.op >= abi::NsOp::get_pid_from_pidns && c.op <= abi::NsOp::get_tgid_in_pidns) {
    c.arg = 1 + random.below(16u);
    if (random.one_in(16)) c.arg = random.one_in(2) ? 0 : -1;
  } else if (c.op >= abi::NsOp::pidfd_get_cgroup && random.one_in(12)) {
    c.arg = 1;
  }
  if (random.one_in(16)) c.pointer = Pointer::bad;
  const bool makes = c.op == abi::NsOp::get_userns || c.op == abi::NsOp::get_parent ||
                     c.op >= abi::NsOp::pidfd_get_cgroup;
  if (makes) c.made = g.new_file();
  return c;
}

}  // namespace props
