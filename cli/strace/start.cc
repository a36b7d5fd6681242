// Evidence is taken from the first calls of the log, up to the first one that changes what it
// shows.
#include "cli/strace/start.h"

#include <algorithm>

#include "cli/strace/proc_path.h"
#include "cli/strace/value.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

constexpr std::uint64_t kNewUser = abi::flag::NEWUSER.bits();
// What an id that has no mapping is shown as, and Debian's nobody.
constexpr std::uint32_t kOverflowId = 65534;
constexpr std::uint64_t kAnyNew = abi::flag::NAMESPACES.bits();

// The text of a call, read only when somebody asks for it.
class Evidence {
 public:
  Evidence(const Log& log, Start& start)
      : log_(log),
        start_(start),
        mid_life_(log.calls.empty() || log.calls.front().life != 0 ||
                  log.calls.front().sys != Sys::execve) {}
  void run();

 private:
  void look(const LoggedCall& call);
  void own_namespace(const LoggedCall& call, const CallText& text);
  void ids(const LoggedCall& call, const CallText& text);
  void map_open(const LoggedCall& call, const CallText& text);
  void map_write(const LoggedCall& call, const CallText& text);
  void capabilities(const LoggedCall& call, const CallText& text);
  static std::string from(const LoggedCall& call, std::string_view how) {
    return std::string(how) + " in line " + std::to_string(call.entry_line);
  }

  const Log& log_;
  Start& start_;
  const bool mid_life_;          // somebody may be in a user namespace when the log begins
  bool ids_may_change_ = false;  // from here on ids say nothing of the start
  bool caps_may_change_ = false;
  bool moved_ = false;       // somebody left a namespace of the start
  bool in_user_ns_ = false;  // ids are somebody's own from here on
  bool privileged_ = false;  // a namespace was made without CLONE_NEWUSER
  bool gid_shown_ = false;
  std::int64_t uid_map_fd_ = -1;  // the descriptors that were opened last on an id map
  std::int64_t gid_map_fd_ = -1;
  abi::CapSet not_bounding_ = 0;
};

void Evidence::own_namespace(const LoggedCall& call, const CallText& text) {
  if (moved_ || call.life != 0) return;
  const bool link = call.sys == Sys::readlink || call.sys == Sys::readlinkat;
  const std::size_t at = call.sys == Sys::openat || call.sys == Sys::readlinkat ? 1 : 0;
  const Value* const path = text.arg(at);
  if (path == nullptr || path->kind != Value::Kind::string) return;
  const auto proc = proc_path(path->text);
  if (!proc || !proc->link || proc->who == ProcPath::Who::pid) return;
  const Value* const target = link ? text.arg(at + 1) : nullptr;
  const auto shown = ns_text(target != nullptr ? target->text : text.ret.note);
  if (shown) start_.inum[abi::index(shown->type)] = shown->inum;
}

void Evidence::map_open(const LoggedCall& call, const CallText& text) {
  const Value* const path = text.arg(call.sys == Sys::openat ? 1 : 0);
  if (path == nullptr || text.ret.kind != Return::Kind::value) return;
  if (path->text.ends_with("uid_map")) uid_map_fd_ = text.ret.value;
  if (path->text.ends_with("gid_map")) gid_map_fd_ = text.ret.value;
  if (uid_map_fd_ == gid_map_fd_)
    (path->text.ends_with("uid_map") ? gid_map_fd_ : uid_map_fd_) = -1;
}

void Evidence::ids(const LoggedCall& call, const CallText& text) {
  if (ids_may_change_ || in_user_ns_ || text.ret.kind != Return::Kind::value) return;
  const auto take = [&](bool group, std::optional<std::uint32_t> id) {
    if (!id || (*id == kOverflowId && mid_life_)) return;
    (group ? start_.gid : start_.uid) = *id;
    if (group) gid_shown_ = true;
    if (!group && !start_.ids_shown) start_.uid_from = from(call, "shown");
    if (!group) start_.ids_shown = true;
  };
  const auto returned = static_cast<std::uint32_t>(text.ret.value);
  switch (call.sys) {
    case Sys::getuid:
    case Sys::geteuid:
      return take(false, returned);
    case Sys::getgid:
    case Sys::getegid:
      return take(true, returned);
    case Sys::getresuid:
    case Sys::getresgid: {
      const Value* const effective = text.arg(1);
      if (effective == nullptr || effective->items.size() != 1) return;
      return take(call.sys == Sys::getresgid, id(&effective->items[0]));
    }
    default:
      return;
  }
}

// A map of one single id is the writer's own: "0 1000 1" is what an unprivileged uid 1000 writes.
void Evidence::map_write(const LoggedCall& call, const CallText& text) {
  const Value* const data = text.arg(1);
  if (data == nullptr || data->kind != Value::Kind::string || data->cut) return;
  if (text.ret.kind != Return::Kind::value || ids_may_change_ || privileged_) return;
  const Value* const fd = text.arg(0);
  const bool uid = fd->note.ends_with("/uid_map") || integer(fd) == uid_map_fd_;
  const bool gid = fd->note.ends_with("/gid_map") || integer(fd) == gid_map_fd_;
  if (uid == gid) return;
  std::uint64_t numbers[3] = {};
  std::size_t count = 0;
  const std::string bytes = unescape(*data);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \t\n"), rest.size());
    const auto n = plain_number(rest.substr(0, end));
    if (end > 0 && (!n || count == 3)) return;
    if (end > 0) numbers[count++] = *n;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (count != 3 || numbers[2] != 1 || numbers[1] > 0xfffffffe) return;
  const auto found = static_cast<std::uint32_t>(numbers[1]);
  if (uid && !start_.ids_shown) {
    start_.uid = found;
    start_.ids_shown = true;
    if (!gid_shown_) start_.gid = found;
    start_.uid_from = from(call, "as its id map says");
  } else if (gid && !gid_shown_) {
    start_.gid = found;
    gid_shown_ = true;
  }
}

void Evidence::capabilities(const LoggedCall& call, const CallText& text) {
  if (caps_may_change_ || text.ret.kind != Return::Kind::value) return;
  if (call.sys == Sys::prctl) {
    const auto which = number(text.arg(1));
    if (known_bits(text.arg(0)) != constant("PR_CAPBSET_READ") || !which) return;
    if (*which <= abi::kCapLast && text.ret.value == 0) {
      not_bounding_ |= abi::cap_bit(static_cast<int>(*which));
      if (start_.caps_from.empty()) start_.caps_from = from(call, "its bounding set shown");
    }
    return;
  }
  const Value* const data = text.arg(1);
  if (data == nullptr || start_.caps_shown || call.life != 0) return;
  const auto permitted = strace_log::capabilities(data->find("permitted"));
  const auto effective = strace_log::capabilities(data->find("effective"));
  if (!permitted || !effective) return;
  start_.caps = *permitted & abi::kCapFull;
  start_.caps_shown = true;
  start_.caps_from = from(call, "shown");
}

void Evidence::look(const LoggedCall& call) {
  CallText text;
  if (!call.finished || !call.begun || read_call(call.body, true, text)) return;
  const bool good = text.ret.kind == Return::Kind::value;
  switch (call.sys) {
    case Sys::uname: {
      if (text.args.empty() || !good) return;
      const Value* const release = text.args[0].find("release");
      if (release == nullptr) return;
      std::string_view version = release->text;
      version = version.substr(0, version.find_first_not_of("0123456789."));
      if (const auto profile = abi::profile_from(version)) {
        if (start_.profile.version == profile->version) return;
        start_.profile.version = profile->version;
        start_.profile_from = from(call, "shown");
      }
      return;
    }
    case Sys::open:
    case Sys::openat:
      map_open(call, text);
      return good ? own_namespace(call, text) : void();
    case Sys::readlink:
    case Sys::readlinkat:
      return good ? own_namespace(call, text) : void();
    case Sys::write:
      return map_write(call, text);
    case Sys::prctl:
      if (known_bits(text.arg(0)) == constant("PR_CAPBSET_DROP") && good) caps_may_change_ = true;
      return capabilities(call, text);
    case Sys::capget:
      return capabilities(call, text);
    case Sys::capset:
      caps_may_change_ = caps_may_change_ || good;
      return;
    case Sys::setuid:
    case Sys::setgid:
    case Sys::setreuid:
    case Sys::setregid:
    case Sys::setresuid:
    case Sys::setresgid:
      if (good) ids_may_change_ = caps_may_change_ = true;
      return;
    case Sys::setns:
      if (good) moved_ = ids_may_change_ = caps_may_change_ = true;
      return;
    case Sys::clone:
    case Sys::clone3:
    case Sys::unshare: {
      const Value* flags = text.named("flags");
      if (flags == nullptr && call.sys == Sys::clone3 && !text.args.empty()) {
        flags = text.args[0].find("flags");
      }
      if (flags == nullptr && call.sys == Sys::unshare) flags = text.arg(0);
      const std::uint64_t bits = known_bits(flags) & kAnyNew;
      if (!good || bits == 0) return;
      moved_ = true;
      if ((bits & kNewUser) != 0) {
        caps_may_change_ = in_user_ns_ = true;
      } else {
        privileged_ = true;
      }
      return;
    }
    default:
      return ids(call, text);
  }
}

void Evidence::run() {
  // The evidence stands at a program's beginning; a bound keeps long logs cheap.
  constexpr std::size_t kMost = 20'000;
  for (std::size_t i = 0; i < std::min(kMost, log_.calls.size()); ++i) {
    const LoggedCall& call = log_.calls[i];
    if (call.sys == Sys::close || call.sys == Sys::wait4 || call.sys == Sys::execve) continue;
    look(call);
  }
  start_.bounding &= ~not_bounding_;
}

}  // namespace

Start find_start(const Log& log, const Options& options) {
  Start start;
  if (options.profile) start.profile = *options.profile;
  if (options.uid) start.uid = start.gid = *options.uid;
  Evidence(log, start).run();
  if (!start.caps_shown) {
    const abi::CapSet usual = start.uid == 0 ? abi::kCapFull : 0;
    start.caps = options.caps.value_or(usual);
  }
  start.caps &= start.bounding;
  // A program that root runs has what its bounding set leaves.
  if (start.uid == 0) start.bounding &= start.caps;
  const auto how = [](const std::string& shown, bool told) {
    return " (" + (!shown.empty() ? shown : told ? "as told" : "assumed") + ")";
  };
  start.note = "started as uid " + std::to_string(start.uid) +
               how(start.uid_from, options.uid.has_value()) + " with capabilities " +
               abi::caps_to_string(start.caps) + how(start.caps_from, options.caps.has_value()) +
               " on " + abi::to_string(start.profile) +
               how(start.profile_from, options.profile.has_value());
  return start;
}

}  // namespace cli::strace_log
