// Files of /proc that set something up: id maps, setgroups, limits, time offsets.
//
// A puppet opens, writes and closes them itself, so that opener and writer are the caller.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
#include <limits>

#include "props/agent/calls.h"
#include "props/agent/protocol.h"

namespace props::agent {
namespace {

using nsabi::Errno;
using nsabi::NsLink;

Reply failure(Errno e) { return {.result = nsabi::Result::failure(e), .not_run = {}}; }

// The vocabulary leaves file permissions out (abi/call.h): where they decide, nothing was checked.
constexpr char kPermissions[] = "the permissions of a /proc file, which calls leave out";

constexpr char kSetgroupsDenied[] = "setgroups is denied outside of the enclosure";

}  // namespace

Reply Calls::write_proc(Task& t, const std::string& path, const std::string& text) {
  Script script(t.slot);
  const StepId open = script.call(SYS_openat, {kProcFd, script.text(path), O_WRONLY | O_CLOEXEC});
  const StepId write =
      script.call(SYS_write, {result_of(open), script.text(text), text.size()}, after(open));
  script.call(SYS_close, {result_of(open)}, after(open));
  Reply reply = finish(t, script, open);
  if (!reply.not_run.empty()) return reply;
  if (reply.result.error == Errno::kEACCES) return Reply::refuse(kPermissions);
  return reply.result.ok() ? Reply::of(script.result(write)) : reply;
}

Reply Calls::run(Task& t, const nsabi::WriteIdMap& c) {
  const Task& target = *program_.find(c.target);
  if (target.gone) return failure(Errno::kESRCH);
  // Who may write a gid map only once setgroups is denied finds that it is.
  const bool as_parent = t.view.ns[index(NsLink::user)] != target.view.ns[index(NsLink::user)] &&
                         (t.view.effective & nsabi::cap_bit(nsabi::cap::SETGID)) != 0;
  if (program_.enclosure().single_id() && c.kind == nsabi::MapKind::gid && !as_parent) {
    return Reply::refuse(kSetgroupsDenied);
  }
  std::string text;
  for (const nsabi::Extent& e : c.extents) {
    text += std::to_string(e.inside) + ' ' + std::to_string(e.outside) + ' ' +
            std::to_string(e.count) + '\n';
  }
  const char* file = c.kind == nsabi::MapKind::uid ? "/uid_map" : "/gid_map";
  Reply reply = write_proc(t, std::to_string(target.proc.tid) + file, text);
  const bool one_id = std::all_of(c.extents.begin(), c.extents.end(), [](const nsabi::Extent& e) {
    return e.outside == 0 && e.count == 1;
  });
  return one_id ? reply : unless_unmapped(reply, Errno::kEPERM);
}

Reply Calls::run(Task& t, const nsabi::WriteSetgroups& c) {
  if (never_there("setgroups")) return Reply::refuse(std::string(kNotImplemented));
  const Task& target = *program_.find(c.target);
  if (target.gone) return failure(Errno::kESRCH);
  const std::string path = std::to_string(target.proc.tid) + "/setgroups";
  // Both the file's permissions and its open function say EACCES.
  constexpr int kMayWrite = 2;
  Script ask(t.slot);
  const StepId may = ask.call(SYS_faccessat2, {kProcFd, ask.text(path), kMayWrite, AT_EACCESS});
  const Reply asked = finish(t, ask, may);
  if (!asked.not_run.empty()) return asked;
  if (asked.result.error == Errno::kEACCES) return Reply::refuse(kPermissions);
  Reply reply = write_proc(t, path, c.allow ? "allow" : "deny");
  if (c.allow && program_.enclosure().single_id() && reply.result.error == Errno::kEPERM) {
    return Reply::refuse(kSetgroupsDenied);
  }
  return reply.not_run == kPermissions ? failure(Errno::kEACCES) : reply;
}

Reply Calls::run(Task& t, const nsabi::SetLimit& c) {
  const std::string path = "sys/user/max_" + std::string(nsabi::name(c.type)) + "_namespaces";
  const bool initial = t.view.ns[index(NsLink::user)] == program_.initial(NsLink::user);
  const Enclosure& enclosure = program_.enclosure();
  if (initial && (enclosure.mode() != Mode::userns || enclosure.single_id())) {
    // Only whether it would be allowed: the limits are the machine's, or count its own namespaces.
    Script ask(t.slot);
    const StepId open = ask.call(SYS_openat, {kProcFd, ask.text(path), O_WRONLY | O_CLOEXEC});
    ask.call(SYS_close, {result_of(open)}, after(open));
    const Reply asked = finish(t, ask, open);
    if (asked.result.error == Errno::kENOENT) return Reply::refuse(std::string(kNotImplemented));
    if (!asked.not_run.empty() || asked.result.error == Errno::kEACCES) return asked;
    return Reply::refuse("the limits of the machine's own user namespace stay as they are");
  }
  Reply reply = write_proc(t, path, std::to_string(c.max));
  if (reply.result.error == Errno::kENOENT) return Reply::refuse(std::string(kNotImplemented));
  if (reply.not_run == kPermissions) return failure(Errno::kEACCES);
  if (reply.result.ok() && reply.not_run.empty()) {
    late_.limit_set(c.type, initial);
    if (initial) program_.litter().beyond_repair = true;
  }
  return reply;
}

namespace {

// The vocabulary's clocks stand at 0; where the machine's own time decides whether an offset leaves
// the clock's range, that is not what was asked.
bool depends_on_the_clock(std::int64_t seconds) {
  constexpr std::int64_t kHighest = 4'611'686'018;  // KTIME_SEC_MAX / 2
  constexpr std::int64_t kMargin = 60;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t most = now.tv_sec + kMargin;
  return (seconds < 0 && seconds >= -most) || (seconds <= kHighest && seconds > kHighest - most);
}

}  // namespace

Reply Calls::run(Task& t, const nsabi::WriteTimens& c) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (depends_on_the_clock(c.seconds)) return Reply::refuse("the clock does not stand at 0");
  if (never_there("timens_offsets")) return Reply::refuse(std::string(kNotImplemented));
  const Task& target = *program_.find(c.target);
  if (target.gone) {
    // As if the file had been opened before, if there are such files: what was written is read
    // first.
    if (!in_proc("self/timens_offsets")) return failure(Errno::kENOENT);
    const bool well_formed = c.nanoseconds >= 0 && c.nanoseconds < kSecond;
    return failure(well_formed ? Errno::kESRCH : Errno::kEINVAL);
  }
  return write_proc(
      t, std::to_string(target.proc.tid) + "/timens_offsets",
      "monotonic " + std::to_string(c.seconds) + ' ' + std::to_string(c.nanoseconds) + '\n');
}

}  // namespace props::agent
