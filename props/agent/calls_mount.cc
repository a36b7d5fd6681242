// Bind mounts of namespace files, and where a task's root is.
//
// Paths are relative: a puppet's working directory is the root of its mount namespace, chrooted or
// not (enclosure.h). Each pivot_root puts the old root to `old` below the new one, where binds made
// before it remain.
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include <array>

#include "props/agent/calls.h"
#include "props/agent/raw.h"

namespace props::agent {
namespace {

// <sys/mount.h> and <linux/mount.h> do not go together.
constexpr int kBind = 4096, kDetach = 2, kNoFollow = 8;

// Where a bind of that name may be: on the present root or on one before it.
constexpr std::size_t kPlaces = kPivotDepth + 1;
std::array<std::string, kPlaces> places(nsabi::BindId bind) {
  std::array<std::string, kPlaces> out;
  std::string prefix;
  for (std::string& place : out) {
    place = prefix + "b/" + std::to_string(bind.n);
    prefix += "old/";
  }
  return out;
}

// Since 6.14 a pidfd can be bound like a namespace file; the call skips those (abi/call.h).
bool is_bindable_pidfd(int fd) {
  static const bool kernel_binds_them = [] {
    utsname name{};
    if (uname(&name) != 0) return false;
    const auto version = nsabi::version_from_uname(name.release);
    return version && *version >= nsabi::Version{6, 14, 0};
  }();
  constexpr auto kPidFs = 0x50494446;
  struct statfs info {};
  return kernel_binds_them && fstatfs(fd, &info) == 0 && info.f_type == kPidFs;
}

constexpr char kTooMany[] = "more binds than the enclosure has places";

}  // namespace

Reply Calls::run(Task& t, const nsabi::BindNs& c) {
  if (c.bind.n >= kBindPlaces) return Reply::refuse(kTooMany);
  {
    Script script(t.slot);
    std::array<struct statx*, kPlaces> info;
    StepId last;
    for (std::size_t i = 0; const std::string& place : places(c.bind)) {
      info[i] = script.put<struct statx>();
      last = script.call(SYS_statx, {AT_FDCWD, script.text(place), 0, STATX_TYPE, info[i]});
      ++i;
    }
    if (Reply r = finish(t, script, last); r.broken) return r;
    for (const struct statx* s : info) {
      const bool taken = (s->stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
      if (taken) return {.result = nsabi::Result::skip(), .not_run = {}};
    }
  }
  const auto bound = program_.file(c.file);
  if (!bound) return {.result = nsabi::Result::failure(nsabi::Errno::kEBADF), .not_run = {}};
  if (is_bindable_pidfd(*bound)) return {.result = nsabi::Result::skip(), .not_run = {}};
  Script script(t.slot);
  const Lent file = lend(script, c.file);
  const StepId tree =
      script.call(SYS_open_tree,
                  {file.fd, script.text(""), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH});
  const StepId move = script.call(SYS_move_mount,
                                  {result_of(tree), script.text(""), AT_FDCWD,
                                   script.text(places(c.bind)[0]), MOVE_MOUNT_F_EMPTY_PATH},
                                  after(tree));
  script.call(SYS_close, {result_of(tree)}, after(tree));
  give_back(script, file);
  Reply reply = finish(t, script, tree);
  if (reply.not_run.empty() && reply.result.error == nsabi::Errno::kENOSPC) {
    return Reply::refuse("open_tree makes a mount namespace, which a limit refuses");
  }
  if (!reply.not_run.empty() || !reply.result.ok()) return reply;
  reply = Reply::of(script.result(move));
  // A loop of mount namespaces is ELOOP here and EINVAL for mount(MS_BIND), which the call means.
  if (reply.result.error == nsabi::Errno::kELOOP) reply.result.error = nsabi::Errno::kEINVAL;
  if (reply.result.ok() &&
      t.view.ns[index(nsabi::NsLink::mnt)] == program_.initial(nsabi::NsLink::mnt)) {
    program_.litter().binds.push_back(c.bind.n);
  }
  return reply;
}

Reply Calls::run(Task& t, const nsabi::UnbindNs& c) {
  if (c.bind.n >= kBindPlaces) return Reply::refuse(kTooMany);
  Script script(t.slot);
  std::array<StepId, kPlaces> steps;
  Need need;
  for (std::size_t i = 0; const std::string& place : places(c.bind)) {
    steps[i] = script.call(SYS_umount2, {script.text(place), kDetach | kNoFollow}, need);
    need = unless(steps[i++]);
  }
  Reply reply = finish(t, script, steps[0]);
  for (std::size_t i = 1; i < steps.size() && reply.not_run.empty(); ++i) {
    const std::int64_t result = script.result(steps[i]);
    if (result != kNotCarriedOut && !failed(result)) return Reply::of(0);
  }
  return reply;
}

Reply Calls::run(Task& t, const nsabi::Chroot& c) {
  Script script(t.slot);
  const char* place = c.place == nsabi::RootPlace::inside ? "in" : program_.enclosure().root();
  const StepId step = script.call(SYS_chroot, {script.text(place)});
  return finish(t, script, step);
}

// The first pivot_root asks for the permission only: "." is the present root, which is EINVAL or
// EBUSY. The kernel wants the caller's root to be a mount, so one that is chrooted first leaves its
// chroot; without CAP_SYS_CHROOT it cannot.
Reply Calls::run(Task& t, const nsabi::PivotRoot&) {
  Script ask(t.slot);
  const StepId may = ask.call(SYS_pivot_root, {ask.text("."), ask.text(".")});
  const Reply asked = finish(t, ask, may);
  if (!asked.not_run.empty() || asked.result.error == nsabi::Errno::kEPERM) return asked;
  Script script(t.slot);
  Need escaped;
  if (t.view.chrooted) escaped = after(script.call(SYS_chroot, {script.text(".")}));
  const char* piv = script.text("piv");
  const StepId bind = script.call(SYS_mount, {piv, piv, nullptr, kBind, nullptr}, escaped);
  const StepId pivot = script.call(SYS_pivot_root, {piv, script.text("piv/old")}, after(bind));
  Reply reply = finish(t, script, pivot);
  if (reply.broken || !reply.result.ok()) {
    return Reply::refuse("its root cannot be pivoted from where it is");
  }
  if (t.view.ns[index(nsabi::NsLink::mnt)] == program_.initial(nsabi::NsLink::mnt)) {
    program_.litter().beyond_repair = true;
  }
  return reply;
}

}  // namespace props::agent
