#include "props/generate/mix.h"

#include <algorithm>
#include <cstddef>

namespace props {
namespace {

// How often each call is made when nothing is favoured, in the order of abi::Op.
constexpr std::array<std::uint8_t, abi::kOps> kWeights = {
    6,   // fork
    3,   // vfork
    14,  // clone
    9,   // clone3
    14,  // unshare
    14,  // setns
    5,   // execve
    7,   // exit
    2,   // kill
    6,   // wait
    11,  // open_ns
    5,   // open_pidfd
    3,   // open_file
    7,   // close
    3,   // bind_ns
    2,   // unbind_ns
    6,   // ns_ioctl
    2,   // chroot
    1,   // pivot_root
    4,   // setresuid
    2,   // setresgid
    2,   // capset
    4,   // prctl
    5,   // write_id_map
    2,   // write_setgroups
    3,   // set_limit
    3,   // write_timens
    3,   // semop
};

abi::Profile draw_profile(Random& random, const Limits& limits) {
  if (!limits.profiles.empty()) return random.of(std::span<const abi::Profile>(limits.profiles));
  abi::Profile profile = random.of(abi::standard_profiles());
  if (random.one_in(6)) {
    profile.configured = profile.configured.without(random.of(abi::kAllNsTypes));
    if (random.one_in(4)) {
      profile.configured = profile.configured.without(random.of(abi::kAllNsTypes));
    }
    // There is no kernel without mount namespaces.
    profile.configured = profile.configured.with(abi::NsType::mnt);
  }
  profile.userns_off = random.one_in(24);
  return profile;
}

abi::Setup draw_setup(Random& random, const Limits& limits) {
  abi::Setup setup{.profile = draw_profile(random, limits)};
  if (limits.root_only || random.often(140)) return setup;
  if (random.often(170)) {  // an ordinary user, perhaps with a capability or two
    setup.uid = setup.gid = 1000;
    setup.caps = 0;
    for (std::uint32_t n = random.one_in(3) ? 1 + random.below(3u) : 0; n > 0; --n) {
      static constexpr int kTelling[] = {
          abi::cap::SETGID,       abi::cap::SETUID,     abi::cap::SETPCAP,
          abi::cap::SYS_CHROOT,   abi::cap::SYS_PTRACE, abi::cap::SYS_ADMIN,
          abi::cap::SYS_RESOURCE, abi::cap::SYS_TIME,   abi::cap::CHECKPOINT_RESTORE};
      setup.caps |= abi::cap_bit(random.of(kTelling));
    }
    if (random.one_in(4)) setup.gid = 100;
    return setup;
  }
  for (std::uint32_t n = 1 + random.below(2u); n > 0; --n) {  // root without something
    static constexpr int kMissed[] = {abi::cap::SYS_ADMIN,    abi::cap::SYS_CHROOT,
                                      abi::cap::SYS_RESOURCE, abi::cap::SETFCAP,
                                      abi::cap::SYS_PTRACE,   abi::cap::SETUID};
    setup.caps &= ~abi::cap_bit(random.of(kMissed));
  }
  if (random.one_in(2)) setup.bounding = setup.caps;
  return setup;
}

// 0 often, so that a program lacks some things altogether; else up to `most`.
std::uint8_t share(Random& random, std::uint32_t absent, std::uint32_t most) {
  if (random.often(absent)) return 0;
  return static_cast<std::uint8_t>(1 + random.below(most));
}

void draw_calls(Random& random, const Limits& limits, Mix& mix) {
  std::array<std::uint32_t, abi::kOps> weights{};
  std::uint32_t sum = 0;
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    static constexpr std::uint32_t kFavour[] = {0, 1, 1, 1, 1, 2, 4, 8};
    const std::uint32_t favour = random.of(kFavour);
    weights[op] = limits.calls[op] ? kWeights[op] * favour : 0;
    sum += weights[op];
  }
  if (sum == 0) {
    for (std::size_t op = 0; op < abi::kOps; ++op) weights[op] = limits.calls[op] ? 1 : 0;
    for (std::uint32_t weight : weights) sum += weight;
  }
  std::uint32_t below = 0;
  std::size_t op = 0;
  for (std::uint32_t slot = 0; slot < mix.calls.size(); ++slot) {
    while (op + 1 < abi::kOps && (slot + 1) * sum > (below + weights[op]) * mix.calls.size()) {
      below += weights[op++];
    }
    mix.calls[slot] = static_cast<std::uint8_t>(op);
  }
}

void draw_size(Random& random, const Limits& limits, Mix& mix) {
  mix.length = random.one_in(8) ? 100 + random.below(500u) : 20 + random.below(140u);
  static constexpr std::uint32_t kTasks[] = {3, 4, 6, 8, 8, 12, 16, 24};
  mix.max_tasks = random.of(kTasks);
  mix.max_files = 3 + random.below(16u);
  if (mix.deep_user != 0) mix.length = 300;
  if (mix.deep_pid != 0) {
    mix.length = 160;
    mix.max_tasks = 48;
  }
  mix.length = std::min(mix.length, limits.max_length);
  mix.max_tasks = std::min(mix.max_tasks, limits.max_tasks);
}

}  // namespace

Mix draw_mix(Random& random, const Limits& limits) {
  Mix mix;
  mix.setup = draw_setup(random, limits);
  mix.allowed = limits.calls;
  draw_calls(random, limits, mix);
  for (std::uint8_t& type : mix.types) type = share(random, 70, 100);
  mix.thread = share(random, 100, 150);
  mix.vm = share(random, 100, 120);
  mix.share = share(random, 100, 120);
  mix.extra = share(random, 80, 60);
  mix.newest = share(random, 100, 180);
  mix.plan = share(random, 60, 60);
  mix.fault = limits.faults ? share(random, 110, 60) : std::uint8_t{0};
  mix.wild = limits.wild ? share(random, 110, 50) : std::uint8_t{0};
  mix.stale = share(random, 140, 12);
  mix.deep_user = random.one_in(60) ? std::uint8_t{200} : std::uint8_t{0};
  mix.deep_pid = random.one_in(60) ? std::uint8_t{200} : std::uint8_t{0};
  draw_size(random, limits, mix);
  return mix;
}

}  // namespace props
