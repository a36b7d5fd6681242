// Flag words: mostly such as the kernel may accept, with a share of wild ones.
#include <bit>

#include "props/generate/makers.h"

namespace props {
namespace {

using abi::Flags;
namespace flag = abi::flag;

// Removes what a clone refuses in any state, most of the time.
Flags made_valid(Generator& g, Flags flags) {
  if (g.random().often(24)) return flags;
  if (flags.has(flag::THREAD)) {
    flags |= flag::SIGHAND | flag::VM;
    flags &= ~(flag::NEWUSER | flag::NEWPID);
  }
  if (flags.has(flag::SIGHAND)) flags |= flag::VM;
  if (flags.has(flag::NEWNS | flag::NEWUSER)) flags &= ~flag::FS;
  if (flags.has(flag::NEWIPC)) flags &= ~flag::SYSVSEM;
  return flags;
}

}  // namespace

Flags some_types(Generator& g) {
  Flags flags;
  for (abi::NsType type : abi::kAllNsTypes) {
    if (g.random().often(g.mix().types[index(type)])) flags |= flag_of(type);
  }
  return flags;
}

// Single bits, pairs, unknown bits, all ones, and a bit changed in a good word.
Flags wild_flags(Generator& g, Flags valid) {
  Random& random = g.random();
  const auto bit = [&] { return Flags(std::uint64_t{1} << random.below(64u)); };
  switch (random.below(10u)) {
    case 0:
      return Flags(~std::uint64_t{0});
    case 1:
      return Flags(random.next());
    case 2:
      return bit();
    case 3:
      return bit() | bit();
    case 4:
      return Flags(random.next() & 0xffffffff);
    case 5:
    case 6:
    case 7: {  // without one of its bits
      std::uint64_t rest = valid.bits();
      const int bits = std::popcount(rest);
      if (bits == 0) return bit();
      for (std::uint32_t n = random.below(static_cast<std::uint32_t>(bits)); n > 0; --n) {
        rest &= rest - 1;
      }
      return Flags(valid.bits() & ~(rest & (~rest + 1)));
    }
    default:
      return Flags(valid.bits() ^ bit().bits());
  }
}

Flags clone_flags(Generator& g, bool clone3) {
  Random& random = g.random();
  const Mix& mix = g.mix();
  Flags flags;
  if (random.often(mix.thread)) {
    flags |= flag::THREAD | flag::SIGHAND | flag::VM;
  } else if (random.often(mix.vm)) {
    flags |= random.one_in(3) ? flag::VM | flag::VFORK : flag::VM;
    if (random.one_in(4)) flags |= flag::SIGHAND;
  } else if (random.one_in(24)) {
    flags |= flag::VFORK;
  }
  for (Flags shared : {flag::FS, flag::FILES, flag::SYSVSEM}) {
    if (random.often(mix.share)) flags |= shared;
  }
  // A thread with namespaces of its own is legal, and rare.
  if (!flags.has(flag::THREAD) || random.one_in(4)) flags |= some_types(g);
  if (random.often(mix.extra)) {
    static constexpr Flags kExtras[] = {flag::PARENT,        flag::PARENT,         flag::PIDFD,
                                        flag::PIDFD,         flag::PTRACE,         flag::UNTRACED,
                                        flag::PARENT_SETTID, flag::CHILD_SETTID,   flag::SETTLS,
                                        flag::DETACHED,      flag::CHILD_CLEARTID, flag::IO};
    flags |= random.of(kExtras);
    if (random.one_in(3)) flags |= random.of(kExtras);
  }
  flags = made_valid(g, flags);
  if (g.wild()) flags = wild_flags(g, flags);
  if (clone3) return flags;
  // The low byte is the exit signal, where 0x80 stays what it is.
  flags &= ~flag::EXIT_SIGNAL;
  if (random.one_in(16)) return flags | Flags(random.below(256u));
  return flags | Flags(abi::kSIGCHLD);
}

Flags unshare_flags(Generator& g) {
  Random& random = g.random();
  Flags flags = some_types(g);
  for (Flags shared :
       {flag::FS, flag::FILES, flag::SYSVSEM, flag::THREAD, flag::SIGHAND, flag::VM}) {
    if (random.one_in(14)) flags |= shared;
  }
  // One type alone says most about it.
  if (flags.empty() && !random.one_in(8)) flags = flag_of(random.of(abi::kAllNsTypes));
  return g.wild() ? wild_flags(g, flags) : flags;
}

}  // namespace props
