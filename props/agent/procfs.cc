#include "props/agent/procfs.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "props/agent/unique_fd.h"

namespace props::agent {
namespace {

constexpr std::size_t kPathSize = 96;
using Path = std::array<char, kPathSize>;

Path path_of(ProcTask t, const char* file) {
  Path path;
  std::snprintf(path.data(), path.size(), "%d/task/%d/%s", t.tgid, t.tid, file);
  return path;
}

Path link_path(ProcTask t, nsabi::NsLink link) {
  return path_of(t, ("ns/" + std::string(nsabi::name(link))).c_str());
}

// Takes the next word off the text.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

template <class T>
T number(std::string_view word, int base = 10) {
  T value{};
  std::from_chars(word.data(), word.data() + word.size(), value, base);
  return value;
}

// The rest of the line that begins with `key`, found at or after `from`, which moves on.
std::string_view line_of(std::string_view text, std::string_view key, std::size_t& from) {
  const std::size_t at = text.find(key, from);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  from = end;
  return text.substr(begin, end - begin);
}

std::array<nsabi::Id, 3> ids(std::string_view line) {
  std::array<nsabi::Id, 3> out{};
  for (nsabi::Id& id : out) id = number<nsabi::Id>(next_word(line));
  return out;
}

nsabi::CapSet caps(std::string_view line) { return number<nsabi::CapSet>(next_word(line), 16); }

}  // namespace

std::optional<std::string> Procfs::read(ProcTask t, const char* file) const {
  constexpr std::size_t kMost = 4096;
  const UniqueFd fd(openat(directory_, path_of(t, file).data(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text(kMost, '\0');
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  if (size <= 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<ProcStat> Procfs::stat(ProcTask t) const {
  constexpr int kFlagsField = 9, kSignalField = 31;
  constexpr std::uint64_t kExiting = 4;           // PF_EXITING
  constexpr std::uint64_t kKill = 1u << (9 - 1);  // SIGKILL
  const auto text = read(t, "stat");
  if (!text) return std::nullopt;
  const std::size_t name_end = text->rfind(')');  // a name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(*text).substr(name_end + 1);
  ProcStat out;
  out.state = next_word(rest)[0];
  out.parent = number<pid_t>(next_word(rest));
  for (int field = 5; field <= kSignalField; ++field) {
    const std::string_view word = next_word(rest);
    if (field == kFlagsField) {
      out.flags = number<std::uint64_t>(word);
      out.exiting = (out.flags & kExiting) != 0;
    }
    if (field == kSignalField) out.killed = (number<std::uint64_t>(word) & kKill) != 0;
  }
  return out;
}

std::optional<ProcStatus> Procfs::status(ProcTask t) const {
  const auto text = read(t, "status");
  if (!text) return std::nullopt;
  ProcStatus out;
  std::size_t at = 0;  // the keys are asked for in the file's order
  out.uid = ids(line_of(*text, "\nUid:", at));
  out.gid = ids(line_of(*text, "\nGid:", at));
  std::string_view numbers = line_of(*text, "\nNSpid:", at);
  for (auto word = next_word(numbers); !word.empty(); word = next_word(numbers)) {
    out.numbers.push_back(number<pid_t>(word));
  }
  out.inheritable = caps(line_of(*text, "\nCapInh:", at));
  out.permitted = caps(line_of(*text, "\nCapPrm:", at));
  out.effective = caps(line_of(*text, "\nCapEff:", at));
  out.bounding = caps(line_of(*text, "\nCapBnd:", at));
  out.ambient = caps(line_of(*text, "\nCapAmb:", at));
  return out;
}

std::uint64_t Procfs::ns(ProcTask t, nsabi::NsLink link) const {
  std::array<char, 64> target;
  const ssize_t size =
      readlinkat(directory_, link_path(t, link).data(), target.data(), target.size());
  if (size <= 0) return 0;
  // "uts:[4026531838]"
  const std::string_view text(target.data(), static_cast<std::size_t>(size));
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return 0;
  return number<std::uint64_t>(text.substr(open + 1));
}

std::uint64_t Procfs::parent_ns(ProcTask t, nsabi::NsLink link) const {
  constexpr unsigned long kGetParent = _IO(0xb7, 2);  // NS_GET_PARENT
  const UniqueFd ns(openat(directory_, link_path(t, link).data(), O_RDONLY | O_CLOEXEC));
  const UniqueFd parent(ioctl(ns.get(), kGetParent));
  struct stat info {};
  return parent && fstat(parent.get(), &info) == 0 ? info.st_ino : 0;
}

bool Procfs::chrooted(ProcTask t) const {
  struct statx info {};
  if (statx(directory_, path_of(t, "root").data(), 0, STATX_TYPE, &info) != 0) return false;
  // Without the attribute nothing is known.
  if ((info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0) return false;
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0;
}

ProcSight Procfs::sight(ProcTask one, ProcTask other) const {
  ProcSight out;
  // A task that runs a program has flags (PF_RANDOMIZE, PF_FORKNOEXEC) unless it is told otherwise.
  const auto flags = [&](ProcTask t) {
    const auto seen = stat(t);
    return seen && seen->flags != 0;
  };
  out.exits = flags(one) || flags(other);
  const std::string text = read(one, "status").value_or("");
  out.pidfds = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, one.tgid, 0))) || errno != ENOSYS;
  out.numbers = text.find("\nNSpid:") != std::string::npos;
  out.ids = text.find("\nUid:") != std::string::npos;
  out.caps = text.find("\nCapEff:") != std::string::npos;
  out.ambient = text.find("\nCapAmb:") != std::string::npos;
  struct statx info {};
  out.roots = statx(directory_, path_of(one, "root").data(), 0, STATX_TYPE, &info) == 0 &&
              (info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
  out.identities = ns(one, nsabi::NsLink::user) == ns(other, nsabi::NsLink::user);
  return out;
}

}  // namespace props::agent
