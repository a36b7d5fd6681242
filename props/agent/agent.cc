#include "props/agent/agent.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

#include "abi/trace.h"

namespace props::agent {
namespace {

using nsabi::NsLink;
using nsabi::NsType;

constexpr unsigned kNsMagic = 0xb7;
constexpr unsigned long kGetUserns = _IO(kNsMagic, 1), kGetParent = _IO(kNsMagic, 2),
                        kGetOwnerUid = _IO(kNsMagic, 4);

std::uint64_t inode_of(const UniqueFd& fd) {
  struct stat info {};
  return fd && fstat(fd.get(), &info) == 0 ? info.st_ino : 0;
}

Answer no(std::string why) { return {.kind = Answer::Kind::not_run, .reason = std::move(why)}; }

Unseen unseen(const ProcSight& sight) {
  Unseen out;
  for (int n = 0; n <= nsabi::kCapLast; ++n) {
    if (prctl(PR_CAPBSET_READ, n) < 0) out.caps |= nsabi::cap_bit(n);
  }
  if (!sight.identities) out.add(Part::links);
  if (!sight.exits) out.add(Part::dying);
  if (!sight.ids) out.add(Part::uid);
  if (!sight.caps) out.add(Part::caps);
  if (!sight.ambient) out.add(Part::ambient);
  if (!sight.roots) out.add(Part::chrooted);
  return out;
}

// The oldest that rules are known of; who says that it is older has no rules of its own.
constexpr nsabi::Version kOldest{5, 8};

// Whether the kernel does not refuse the flag as unknown. Asked by a process of its own.
bool can_make(NsType type) {
  const pid_t child = fork();
  if (child == 0) {
    const bool made = unshare(static_cast<int>(flag_of(type).bits())) == 0;
    _exit(made || errno != EINVAL ? 0 : 1);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// The running kernel: its release, and which types of namespaces it shows, or else makes.
nsabi::Profile running_profile(const Procfs& procfs, ProcTask self, bool links) {
  nsabi::Profile profile;
  utsname name{};
  if (uname(&name) == 0) {
    int major = 0, minor = 0;
    std::sscanf(name.release, "%d.%d", &major, &minor);
    const auto version = nsabi::version_from_uname(name.release);
    const bool old = major < kOldest.major || (major == kOldest.major && minor < kOldest.minor);
    if (version) profile.version = *version;
    if (!version && old) profile.version = kOldest;
  }
  for (const NsLink link : {NsLink::mnt, NsLink::uts, NsLink::ipc, NsLink::pid, NsLink::cgroup,
                            NsLink::net, NsLink::time, NsLink::user}) {
    const bool there = links ? procfs.ns(self, link) != 0 : can_make(type_of(link));
    if (!there) profile.configured = profile.configured.without(type_of(link));
  }
  const UniqueFd off(open("/proc/sys/kernel/unprivileged_userns_clone", O_RDONLY | O_CLOEXEC));
  char value = '1';
  if (off && read(off.get(), &value, 1) == 1) profile.userns_off = value == '0';
  return profile;
}

}  // namespace

std::optional<std::string> Agent::open() {
  if (auto error = puppets_.open()) return error;
  return enclosure_.open();
}

Greeting Agent::greeting() const {
  const ProcStatus& have = enclosure_.init_status();
  static constexpr const char* kModes[] = {"host", "userns", "bare"};
  return {.profile = running_profile(enclosure_.procfs(), enclosure_.init(),
                                     enclosure_.sight().identities),
          .mode = kModes[static_cast<std::size_t>(enclosure_.mode())],
          .caps = have.permitted & nsabi::kCapFull,
          .bounding = have.bounding & nsabi::kCapFull,
          .any_id = !enclosure_.single_id(),
          .unseen = unseen(enclosure_.sight())};
}

std::string Agent::handle(std::string_view line) {
  constexpr std::string_view kProgram = "program ";
  if (line.starts_with(kProgram)) return print(begin(line.substr(kProgram.size())));
  if (!why_no_program_.empty()) return print(no(why_no_program_));
  if (line == "view") return print(view());
  if (line == "relations") return print(relations());
  return print(carry_out(line));
}

Answer Agent::begin(std::string_view header) {
  const auto trace = nsabi::parse_trace(header);
  if (const auto* error = std::get_if<nsabi::ParseError>(&trace)) {
    why_no_program_ = error->to_string("program");
    return no(why_no_program_);
  }
  const Reply reply = program_.reset(std::get<nsabi::Trace>(trace).setup);
  calls_.forget();  // what the last program left was let go of until now
  why_no_program_ = reply.not_run;
  return answer(reply);
}

Answer Agent::carry_out(std::string_view line) {
  const auto call = nsabi::parse_call(line);
  if (const auto* error = std::get_if<nsabi::ParseError>(&call)) {
    return no(error->to_string("call"));
  }
  const Reply reply = calls_.carry_out(std::get<nsabi::Call>(call));
  if (reply.broken) why_no_program_ = "the program was given up: " + reply.not_run;
  return answer(reply);
}

Answer Agent::view() {
  program_.look_at_everything();
  for (Task& t : program_.tasks()) t.changed = !t.gone;
  return answer({});
}

Answer Agent::answer(const Reply& reply) {
  if (!reply.not_run.empty()) {
    return {.kind = reply.broken ? Answer::Kind::broken : Answer::Kind::not_run,
            .reason = reply.not_run};
  }
  Answer out{.result = reply.result};
  for (Task& t : program_.tasks()) {
    if (t.changed) out.changed.push_back({t.id, t.view});
    t.changed = false;
  }
  return out;
}

std::vector<Relation> Agent::relations() {
  std::vector<Relation> all;
  std::set<nsabi::ObjId> seen;
  for (const Task& t : program_.tasks()) {
    for (std::size_t i = 0; i < nsabi::kNsLinks; ++i) {
      const nsabi::ObjId id = t.view.ns[i];
      if (t.gone || id == nsabi::kNoObject || !seen.insert(id).second) continue;
      all.push_back(relation(t, static_cast<NsLink>(i)));
    }
  }
  return all;
}

Relation Agent::relation(const Task& t, NsLink link) {
  Relation out{.ns = t.view.ns[index(link)], .type = type_of(link)};
  const std::string path = std::to_string(t.proc.tgid) + "/task/" + std::to_string(t.proc.tid) +
                           "/ns/" + std::string(nsabi::name(link));
  const UniqueFd ns(openat(enclosure_.proc_directory(), path.c_str(), O_RDONLY | O_CLOEXEC));
  // What lies outside of the enclosure is out of sight, as the initial namespaces' owners are.
  const auto id = [&](unsigned long command) {
    const std::uint64_t inode = inode_of(UniqueFd(ioctl(ns.get(), command)));
    return program_.ids().known(inode);
  };
  const bool initial = out.ns == program_.initial(link);
  if (!initial || out.type != NsType::user) out.owner = id(kGetUserns);
  if (!initial && (out.type == NsType::pid || out.type == NsType::user))
    out.parent = id(kGetParent);
  uid_t uid = 0;
  if (out.type == NsType::user && ioctl(ns.get(), kGetOwnerUid, &uid) == 0) {
    out.owner_uid = enclosure_.inside_uid(uid);
  }
  return out;
}

}  // namespace props::agent
