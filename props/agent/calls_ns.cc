// unshare, setns, and the files that lead to namespaces.
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "props/agent/calls.h"
#include "props/agent/patiently.h"
#include "props/agent/protocol.h"

namespace props::agent {
namespace {

namespace flag = nsabi::flag;
using nsabi::NsLink;
using nsabi::NsOp;

constexpr unsigned kNsMagic = 0xb7, kPidfdMagic = 0xff, kUnknownNumber = 0x7f;

// The ioctl's command, from include/uapi/linux/nsfs.h and pidfd.h.
unsigned long command(NsOp op) {
  switch (op) {
    case NsOp::unknown:
      return _IO(kNsMagic, kUnknownNumber);
    case NsOp::get_userns:
      return _IO(kNsMagic, 1);
    case NsOp::get_parent:
      return _IO(kNsMagic, 2);
    case NsOp::get_nstype:
      return _IO(kNsMagic, 3);
    case NsOp::get_owner_uid:
      return _IO(kNsMagic, 4);
    case NsOp::get_mntns_id:
      return _IOR(kNsMagic, 5, std::uint64_t);
    case NsOp::get_id:
      return _IOR(kNsMagic, 13, std::uint64_t);
    case NsOp::get_pid_from_pidns:
      return _IOR(kNsMagic, 6, int);
    case NsOp::get_tgid_from_pidns:
      return _IOR(kNsMagic, 7, int);
    case NsOp::get_pid_in_pidns:
      return _IOR(kNsMagic, 8, int);
    case NsOp::get_tgid_in_pidns:
      return _IOR(kNsMagic, 9, int);
    default:  // in the order of their numbers
      return _IO(kPidfdMagic,
                 static_cast<unsigned>(op) - static_cast<unsigned>(NsOp::pidfd_get_cgroup) + 1);
  }
}

bool makes_file(NsOp op) {
  return op == NsOp::get_userns || op == NsOp::get_parent || op >= NsOp::pidfd_get_cgroup;
}
bool writes(NsOp op) {
  return op == NsOp::get_owner_uid || op == NsOp::get_mntns_id || op == NsOp::get_id;
}

bool translates(NsOp op) { return op >= NsOp::get_pid_from_pidns && op <= NsOp::get_tgid_in_pidns; }

constexpr unsigned kBadAddress = 16;

// "TID/…", or a path that leads nowhere for a task that is gone.
std::string proc_path(const Task& target, const std::string& rest) {
  return std::to_string(target.gone ? 0 : target.proc.tid) + rest;
}

// What the kernel says of the caller's own open pidfd; 0 for other files.
pid_t pid_of_pidfd(int proc_directory, int fd) {
  const std::string path = "self/fdinfo/" + std::to_string(fd);
  const UniqueFd info(openat(proc_directory, path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> text;
  const ssize_t size = read(info.get(), text.data(), text.size() - 1);
  if (size <= 0) return 0;
  text[static_cast<std::size_t>(size)] = '\0';
  const char* at = std::strstr(text.data(), "\nPid:");
  return at == nullptr ? 0 : static_cast<pid_t>(std::strtol(at + 5, nullptr, 10));
}

}  // namespace

Reply Calls::run(Task& t, const nsabi::Unshare& c) {
  Reply reply = patiently(t, c.flags, [&] { return simple(t, SYS_unshare, {c.flags.bits()}); });
  if (!reply.result.ok() || !reply.not_run.empty()) return reply;
  const Procfs& procfs = program_.enclosure().procfs();
  constexpr std::array<std::pair<nsabi::Flags, NsLink>, 7> kMade = {
      {{flag::NEWNS, NsLink::mnt},
       {flag::NEWUTS, NsLink::uts},
       {flag::NEWIPC, NsLink::ipc},
       {flag::NEWNET, NsLink::net},
       {flag::NEWCGROUP, NsLink::cgroup},
       {flag::NEWTIME, NsLink::time_for_children},
       {flag::NEWUSER, NsLink::user}}};
  for (const auto& [flags, link] : kMade) {
    if (c.flags.has(flags)) program_.ids().made(procfs.ns(t.proc, link));
  }
  if (c.flags.has(flag::NEWPID)) t.children_depth = t.numbers.size() + 1;
  return reply;
}

Reply Calls::run(Task& t, const nsabi::Setns& c) {
  Script script(t.slot);
  const Lent file = lend(script, c.file);
  const StepId step = script.call(SYS_setns, {file.fd, c.flags.bits()});
  give_back(script, file);
  const NsLink link = NsLink::pid_for_children;
  const nsabi::ObjId before = t.view.ns[index(link)];
  Reply reply = finish(t, script, step);
  if (reply.result.error == nsabi::Errno::kEOPNOTSUPP) {
    return Reply::refuse(std::string(kNotImplemented));  // as gVisor says it
  }
  if (!reply.result.ok() || !reply.not_run.empty()) return reply;
  const std::uint64_t inode = program_.enclosure().procfs().ns(t.proc, link);
  const nsabi::ObjId now = program_.ids().id(inode);
  if (now != before || now == nsabi::kNoObject) t.children_depth = depth_of(now);
  return reply;
}

const Task* Calls::task_of(nsabi::FileId id) {
  const auto fd = program_.file(id);
  if (!fd) return nullptr;
  const pid_t pid = pid_of_pidfd(program_.enclosure().proc_directory(), *fd);
  for (const Task& t : program_.tasks()) {
    if (!t.gone && pid > 0 && t.proc.tid == pid) return &t;
  }
  return nullptr;
}

// How deep a pid namespace is, from a task whose own it is; 0 if there is none.
std::size_t Calls::depth_of(nsabi::ObjId pid_ns) const {
  if (pid_ns == nsabi::kNoObject) return 0;
  for (const Task& t : program_.tasks()) {
    if (t.view.ns[index(NsLink::pid)] == pid_ns) return t.numbers.size();
  }
  return 0;
}

Reply Calls::run(Task& t, const nsabi::OpenNs& c) {
  const Task& target = *program_.find(c.target);
  const std::string file = "ns/" + std::string(nsabi::name(c.link));
  if (never_there(file)) return Reply::refuse(std::string(kNotImplemented));
  const std::string tid = proc_path(target, "");
  const std::string path = tid + "/task/" + tid + "/" + file;
  Script script(t.slot);
  const int how = (c.o_path ? O_PATH : O_RDONLY) | O_CLOEXEC;
  const StepId open = script.call(SYS_openat, {kProcFd, script.text(path), how});
  return finish_open(t, script, open, c.file);
}

Reply Calls::run(Task& t, const nsabi::OpenPidfd& c) {
  constexpr int kThread = O_EXCL;  // PIDFD_THREAD
  Script script(t.slot);
  const std::int32_t* number = number_of(script, program_.find(c.target));
  const StepId open = script.call(SYS_pidfd_open, {load_pid(number), c.thread ? kThread : 0});
  Reply reply = finish_open(t, script, open, c.file);
  release_number();
  return reply;
}

Reply Calls::run(Task& t, const nsabi::OpenFile& c) {
  Script script(t.slot);
  StepId open;
  switch (c.kind) {
    case nsabi::FileKind::regular:
      // Of a mount that no program is in: bind_ns refuses it (MOUNT-01).
      open = script.call(SYS_openat, {kProcFd, script.text("version"), O_RDONLY | O_CLOEXEC});
      break;
    case nsabi::FileKind::socket:
      open = script.call(SYS_socket, {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0});
      break;
    case nsabi::FileKind::cgroupfs:
      if (!program_.enclosure().has_cgroupfs()) return Reply::refuse("no cgroup2 is mounted");
      open =
          script.call(SYS_openat, {kCgroupFd, script.text("cgroup.procs"), O_RDONLY | O_CLOEXEC});
      break;
    case nsabi::FileKind::proc_dir: {
      const std::string path = proc_path(*program_.find(c.target), "");
      open =
          script.call(SYS_openat, {kProcFd, script.text(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC});
      break;
    }
  }
  return finish_open(t, script, open, c.file);
}

Reply Calls::run(Task&, const nsabi::Close& c) {
  // The supervisor has the only descriptor.
  if (program_.close(c.file)) return Reply::of(0);
  return {.result = nsabi::Result::failure(nsabi::Errno::kEBADF), .not_run = {}};
}

// The pid namespace whose file it is, if it is one.
nsabi::ObjId Calls::ns_of(nsabi::FileId id) const {
  struct stat info {};
  const auto fd = program_.file(id);
  if (!fd || fstat(*fd, &info) != 0) return nsabi::kNoObject;
  return program_.ids().known(info.st_ino);
}

// Numbers go in and come out as those of the program.
Reply Calls::translate(Task& t, const nsabi::NsIoctl& c) {
  const bool from = c.op == NsOp::get_pid_from_pidns || c.op == NsOp::get_tgid_from_pidns;
  const nsabi::ObjId mine = t.view.ns[index(NsLink::pid)], its = ns_of(c.file);
  Script script(t.slot);
  const Lent file = lend(script, c.file);
  const std::int64_t number =
      program_.kernel_number_of(static_cast<std::int32_t>(c.arg), from ? its : mine);
  const StepId step = script.call(SYS_ioctl, {file.fd, command(c.op), number});
  give_back(script, file);
  Reply reply = finish(t, script, step);
  if (reply.result.ok()) {
    const auto translated = static_cast<std::int32_t>(script.result(step));
    reply.result.value = program_.number_of(translated, from ? mine : its);
  }
  return reply;
}

Reply Calls::run(Task& t, const nsabi::NsIoctl& c) {
  if (translates(c.op)) return translate(t, c);
  if (makes_file(c.op) && program_.file(c.made)) {
    return {.result = nsabi::Result::skip(), .not_run = {}};
  }
  Script script(t.slot);
  const Lent file = lend(script, c.file);
  auto* answer = script.put<std::uint64_t>();
  Arg arg(c.arg);
  if (writes(c.op)) {
    if (c.pointer == nsabi::Pointer::good) arg = Arg(answer);
    if (c.pointer == nsabi::Pointer::null) arg = Arg(0);
    if (c.pointer == nsabi::Pointer::bad) arg = Arg(kBadAddress);
  }
  const StepId step = script.call(SYS_ioctl, {file.fd, command(c.op), arg});
  give_back(script, file);
  if (makes_file(c.op)) return finish_open(t, script, step, c.made);
  Reply reply = finish(t, script, step);
  if (!reply.not_run.empty() || !reply.result.ok()) return reply;
  constexpr std::uint64_t kIdBits = 0xffffffff;
  if (c.op == NsOp::get_owner_uid)
    reply.result.value = static_cast<std::int64_t>(*answer & kIdBits);
  if (c.op == NsOp::get_mntns_id || c.op == NsOp::get_id) {
    reply.result.value = static_cast<std::int64_t>(*answer);
  }
  if (!writes(c.op)) reply.result.value = script.result(step);
  return reply;
}

}  // namespace props::agent
