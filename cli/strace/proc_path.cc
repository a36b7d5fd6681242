// Splitting and matching of paths.
#include "cli/strace/proc_path.h"

#include <vector>

#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  return parts;
}

std::optional<std::int32_t> pid_from(std::string_view text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  const auto n = plain_number(text);
  if (!n || *n > 4194304) return std::nullopt;
  return static_cast<std::int32_t>(*n);
}

ControlFile control_file(std::string_view name) {
  if (name == "uid_map") return ControlFile::uid_map;
  if (name == "gid_map") return ControlFile::gid_map;
  if (name == "setgroups") return ControlFile::setgroups;
  if (name == "timens_offsets") return ControlFile::timens_offsets;
  return ControlFile::none;
}

}  // namespace

std::string join_path(std::string_view base, std::string_view path) {
  const bool absolute = path.starts_with('/') || base.starts_with('/');
  std::string whole(path.starts_with('/') ? std::string_view() : base);
  whole.append("/").append(path);
  std::string joined;
  for (const std::string_view part : parts_of(whole)) {
    if (absolute || !joined.empty()) joined += '/';
    joined += part;
  }
  return joined.empty() && absolute ? "/" : joined;
}

std::optional<ProcPath> proc_path(std::string_view path) {
  if (!path.starts_with("/proc/")) return std::nullopt;
  const std::vector<std::string_view> parts = parts_of(path);
  if (parts.size() < 2) return std::nullopt;
  ProcPath found;
  std::size_t next = 2;
  if (parts[1] == "self") {
    found.who = ProcPath::Who::self;
  } else if (parts[1] == "thread-self") {
    found.who = ProcPath::Who::thread_self;
    found.thread = true;
  } else if (const auto pid = pid_from(parts[1])) {
    found.who = ProcPath::Who::pid;
    found.pid = *pid;
  } else if (parts[1].starts_with('#')) {
    found.who = ProcPath::Who::task;
    found.task = static_cast<std::uint32_t>(plain_number(parts[1].substr(1)).value_or(0));
  } else {
    return std::nullopt;
  }
  if (parts.size() > next + 1 && parts[next] == "task") {
    const auto tid = pid_from(parts[next + 1]);
    if (!tid) return std::nullopt;
    found.who = ProcPath::Who::pid;
    found.pid = *tid;
    found.thread = true;
    next += 2;
  }
  if (parts.size() == next + 2 && parts[next] == "ns") {
    found.link = abi::ns_link_from(parts[next + 1]);
    if (!found.link) return std::nullopt;
  } else if (parts.size() == next + 2 && parts[next] == "fd") {
    const auto fd = plain_number(parts[next + 1]);
    if (!fd || *fd > 0x7fffffff) return std::nullopt;
    found.fd = static_cast<std::int64_t>(*fd);
  } else if (parts.size() == next + 1) {
    found.control = control_file(parts[next]);
    if (found.control == ControlFile::none) return std::nullopt;
  } else if (parts.size() != next) {
    return std::nullopt;
  }
  return found;
}

std::string_view proc_owner(std::string_view path) {
  constexpr std::string_view kProc = "/proc/", kTask = "/task/";
  if (!path.starts_with(kProc)) return {};
  std::size_t end = std::min(path.find('/', kProc.size()), path.size());
  if (path.substr(end).starts_with(kTask)) {
    end = std::min(path.find('/', end + kTask.size()), path.size());
  }
  const std::string_view owner = path.substr(0, end);
  return proc_path(owner) ? owner : std::string_view();
}

std::optional<abi::NsType> limit_path(std::string_view path) {
  constexpr std::string_view kPrefix = "/proc/sys/user/max_", kSuffix = "_namespaces";
  if (!path.starts_with(kPrefix) || !path.ends_with(kSuffix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  if (path.size() < kSuffix.size()) return std::nullopt;
  path.remove_suffix(kSuffix.size());
  return abi::ns_type_from(path);
}

std::optional<NsText> ns_text(std::string_view text) {
  const std::size_t colon = text.find(":[");
  if (colon == std::string_view::npos || !text.ends_with(']')) return std::nullopt;
  const auto type = abi::ns_type_from(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 2, text.size() - colon - 3);
  const auto inum = plain_number(digits);
  if (!type || !inum || *inum == 0) return std::nullopt;
  return NsText{*type, *inum};
}

}  // namespace cli::strace_log
