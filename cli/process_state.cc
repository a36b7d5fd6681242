#include "cli/process_state.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace cli {
namespace {

namespace flag = abi::flag;
using abi::NsLink;
using abi::NsType;

constexpr unsigned long kGetUserns = _IO(0xb7, 1), kGetParent = _IO(0xb7, 2),
                        kGetOwnerUid = _IO(0xb7, 4);

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  Fd& operator=(Fd&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  std::uint64_t inode() const {
    struct stat info {};
    return fd_ >= 0 && ::fstat(fd_, &info) == 0 ? info.st_ino : 0;
  }

 private:
  int fd_;
};

struct UserNs {
  std::uint64_t inode = 0;
  abi::Id owner = 0;
};

// What is read of a process. Ids are those of this command's user namespace.
struct Seen {
  std::array<abi::Id, 3> uid{}, gid{};
  abi::CapSet effective = 0, permitted = 0, inheritable = 0, bounding = abi::kCapFull;
  std::uint32_t threads = 1;
  bool chrooted = false;
  std::array<std::uint64_t, abi::kNsLinks> ns{};
  std::array<std::uint64_t, abi::kNsLinks> owner{};  // user namespaces of the links'
  std::vector<UserNs> users;                         // from below this command's to its own
  std::vector<abi::Extent> uid_map, gid_map;
};

std::string path_of(pid_t pid, const std::string& file) {
  return "/proc/" + (pid == 0 ? "self" : std::to_string(pid)) + "/" + file;
}

std::vector<abi::Extent> read_map(const std::string& path) {
  std::vector<abi::Extent> out;
  std::ifstream in(path);
  for (abi::Extent e; in >> e.inside >> e.outside >> e.count;) out.push_back(e);
  return out;
}

abi::CapSet hex(const std::string& text) {
  abi::CapSet out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return out & abi::kCapFull;
}

std::optional<Failure> read_status(pid_t pid, Seen& seen) {
  std::ifstream status(path_of(pid, "status"));
  if (!status) {
    return Failure{"--pid: there is no process " + std::to_string(pid) + ": " +
                   path_of(pid, "status") + " cannot be read"};
  }
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    if (key == "Uid:") words >> seen.uid[0] >> seen.uid[1] >> seen.uid[2];
    if (key == "Gid:") words >> seen.gid[0] >> seen.gid[1] >> seen.gid[2];
    if (key == "Threads:") words >> seen.threads;
    if (!key.starts_with("Cap")) continue;
    words >> word;
    if (key == "CapInh:") seen.inheritable = hex(word);
    if (key == "CapPrm:") seen.permitted = hex(word);
    if (key == "CapEff:") seen.effective = hex(word);
    if (key == "CapBnd:") seen.bounding = hex(word);
  }
  return std::nullopt;
}

// The user namespaces from the process's own up to, and without, this command's.
std::optional<Failure> read_users(pid_t pid, std::uint64_t own, Seen& seen) {
  Fd ns(::open(path_of(pid, "ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  while (ns.inode() != own) {
    uid_t owner = 0;
    if (ns.inode() == 0 || ::ioctl(ns.get(), kGetOwnerUid, &owner) != 0) {
      return Failure{"--pid: the user namespace of process " + std::to_string(pid) +
                     " is not below that of this command; run it as root of the machine"};
    }
    seen.users.insert(seen.users.begin(), {ns.inode(), owner});
    ns = Fd(::ioctl(ns.get(), kGetParent));
  }
  seen.uid_map = read_map(path_of(pid, "uid_map"));
  seen.gid_map = read_map(path_of(pid, "gid_map"));
  return std::nullopt;
}

std::variant<Seen, Failure> look_at(pid_t pid, std::uint64_t own_user) {
  Seen seen;
  if (auto failure = read_status(pid, seen)) return *failure;
  for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
    const std::string link(abi::name(static_cast<NsLink>(i)));
    const Fd ns(::open(path_of(pid, "ns/" + link).c_str(), O_RDONLY | O_CLOEXEC));
    if (ns.get() < 0 && (errno == EACCES || errno == EPERM)) {
      return Failure{"--pid: the namespaces of process " + std::to_string(pid) +
                     " may not be looked at; run this as its user or as root"};
    }
    seen.ns[i] = ns.inode();
    if (ns.get() >= 0) seen.owner[i] = Fd(::ioctl(ns.get(), kGetUserns)).inode();
  }
  struct statx info {};
  if (::statx(AT_FDCWD, path_of(pid, "root").c_str(), 0, STATX_TYPE, &info) == 0) {
    seen.chrooted = (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0;
  }
  if (own_user != 0) {
    if (auto failure = read_users(pid, own_user, seen)) return *failure;
  }
  return seen;
}

// As the process's user namespace shows an id.
abi::Id inside(const std::vector<abi::Extent>& map, abi::Id id) {
  for (const abi::Extent& e : map) {
    if (id >= e.outside && id - e.outside < e.count) return id - e.outside + e.inside;
  }
  return abi::kUnchanged;
}

// Writes down calls that make a task like the one that was seen.
class Writer {
 public:
  explicit Writer(const Seen& self) : self_(self) {}

  abi::TaskId write(const Seen& seen) {
    abi::TaskId task = born(abi::kInitialTask, types_owned_by(seen, 0));
    for (const UserNs& user : seen.users) {
      if (user.owner != 0) {
        call(task, abi::Setresuid{abi::kUnchanged, user.owner, abi::kUnchanged});
      }
      task = born(task, types_owned_by(seen, user.inode) | flag::NEWUSER);
      const bool last = &user == &seen.users.back();
      const std::vector<abi::Extent> all{{0, 0, 0xffffffff}};
      if (!last || !seen.uid_map.empty()) {
        call({}, abi::WriteIdMap{task, abi::MapKind::uid, last ? seen.uid_map : all});
      }
      if (!last || !seen.gid_map.empty()) {
        call({}, abi::WriteIdMap{task, abi::MapKind::gid, last ? seen.gid_map : all});
      }
    }
    finish(seen, task);
    return task;
  }
  abi::FileId open_pidfd(abi::TaskId caller, abi::TaskId target) {
    call(caller, abi::OpenPidfd{.file = {0}, .target = target});
    return {0};
  }
  std::vector<abi::TraceLine> take() { return std::move(lines_); }

 private:
  void call(abi::TaskId caller, abi::Op op) {
    lines_.push_back({.call = {.caller = caller, .op = std::move(op)}, .expected = {}});
  }
  abi::TaskId born(abi::TaskId parent, abi::Flags flags) {
    abi::Clone3 clone;
    clone.child = {next_++};
    clone.flags = flags;
    call(parent, clone);
    return clone.child;
  }
  // Those that differ from this command's; owner 0: those of no user namespace below.
  abi::Flags types_owned_by(const Seen& seen, std::uint64_t owner) const {
    static constexpr NsLink kOwn[] = {NsLink::mnt, NsLink::uts,  NsLink::ipc, NsLink::cgroup,
                                      NsLink::net, NsLink::time, NsLink::pid};
    abi::Flags out;
    for (const NsLink link : kOwn) {
      const std::size_t i = index(link);
      if (seen.ns[i] == 0 || seen.ns[i] == self_.ns[i]) continue;
      bool below = false;
      for (const UserNs& user : seen.users) below |= user.inode == seen.owner[i];
      if (owner == 0 ? !below : seen.owner[i] == owner) out |= flag_of(type_of(link));
    }
    return out;
  }

  void finish(const Seen& seen, abi::TaskId task) {
    const auto differs = [&](NsLink a, NsLink b) { return seen.ns[index(a)] != seen.ns[index(b)]; };
    if (differs(NsLink::pid, NsLink::pid_for_children)) call(task, abi::Unshare{flag::NEWPID});
    if (differs(NsLink::time, NsLink::time_for_children)) call(task, abi::Unshare{flag::NEWTIME});
    if (seen.chrooted) call(task, abi::Chroot{});
    for (int cap = 0; cap <= abi::kCapLast; ++cap) {
      if ((seen.bounding & abi::cap_bit(cap)) != 0) continue;
      call(task, abi::Prctl{abi::PrctlOp::capbset_drop, static_cast<std::uint64_t>(cap)});
    }
    const bool below = !seen.users.empty();
    const auto uid = [&](int i) { return below ? inside(seen.uid_map, seen.uid[i]) : seen.uid[i]; };
    const auto gid = [&](int i) { return below ? inside(seen.gid_map, seen.gid[i]) : seen.gid[i]; };
    call(task, abi::Prctl{abi::PrctlOp::set_keepcaps, 1});
    call(task, abi::Setresgid{gid(0), gid(1), gid(2)});
    call(task, abi::Setresuid{uid(0), uid(1), uid(2)});
    call(task, abi::Capset{seen.effective, seen.permitted, seen.inheritable & seen.permitted});
    call(task, abi::Prctl{abi::PrctlOp::set_dumpable, 1});
    if (seen.threads < 2) return;
    call(task, abi::Clone{.child = {next_++},
                          .flags = flag::VM | flag::FS | flag::FILES | flag::SIGHAND |
                                   flag::THREAD | flag::SYSVSEM});
  }

  const Seen& self_;
  std::uint32_t next_ = 1;
  std::vector<abi::TraceLine> lines_;
};

abi::Profile running_profile(const Seen& self) {
  abi::Profile profile;
  utsname name{};
  if (::uname(&name) == 0) {
    if (const auto version = abi::version_from_uname(name.release)) profile.version = *version;
  }
  for (const NsLink link : {NsLink::uts, NsLink::ipc, NsLink::pid, NsLink::cgroup, NsLink::net,
                            NsLink::time, NsLink::user}) {
    if (self.ns[index(link)] == 0) profile.configured = profile.configured.without(type_of(link));
  }
  return profile;
}

// The flags of a setns that names no file, or nothing.
std::optional<std::string> flags_only(const std::string& call) {
  constexpr std::string_view kSetns = "setns(";
  if (!call.starts_with(kSetns) || call.find(',') != std::string::npos) return std::nullopt;
  return call.substr(kSetns.size());
}

}  // namespace

std::variant<ProcessState, Failure> read_process(pid_t pid, const std::string& call) {
  const auto self = look_at(0, 0);
  if (const auto* failure = std::get_if<Failure>(&self)) return *failure;
  const Seen& own = std::get<Seen>(self);
  const auto other = look_at(pid, own.ns[index(NsLink::user)]);
  if (const auto* failure = std::get_if<Failure>(&other)) return *failure;
  ProcessState out;
  out.trace.setup.profile = running_profile(own);
  Writer writer(own);
  out.process = out.caller = writer.write(std::get<Seen>(other));
  out.call = call;
  if (const auto flags = flags_only(call)) {
    out.caller = writer.write(own);
    const abi::FileId file = writer.open_pidfd(out.caller, out.process);
    out.call = "setns(f" + std::to_string(file.n) + ", " + *flags;
  }
  out.trace.lines = writer.take();
  return out;
}

}  // namespace cli
