// From a call to its system call: names resolved and reserved, the caller claimed, the exits that
// the call caused carried out.
//
// Mirrors arch/x86/entry's do_syscall_64 and exit_to_user_mode in spirit: a task that was killed
// while it was in a call ends when the call does.
#pragma once

#include "impl/kernel/boot.h"
#include "impl/syscalls/cred_calls.h"
#include "impl/syscalls/exec.h"
#include "impl/syscalls/ioctl.h"
#include "impl/syscalls/mount.h"
#include "impl/syscalls/proc_files.h"
#include "impl/syscalls/semop.h"
#include "impl/syscalls/setns.h"
#include "impl/syscalls/unshare.h"

namespace impl {

template <class K>
class Dispatcher {
 public:
  explicit Dispatcher(Cpu<K>& cpu) : cpu_(cpu) {}

  abi::Result operator()(const abi::Fork& c) {
    return clone({.child = c.child, .exit_signal = abi::kSIGCHLD}, nullptr);
  }
  abi::Result operator()(const abi::Vfork& c) {
    return clone(
        {.child = c.child, .flags = M::word(flag::VFORK | flag::VM), .exit_signal = abi::kSIGCHLD},
        nullptr);
  }
  // CLONE-01: the low byte is the signal, and bits above 31 are ignored.
  abi::Result operator()(const abi::Clone& c) {
    constexpr std::uint64_t flag_bits = 0xffffff00;
    return clone({.child = c.child,
                  .flags = Word{c.flags.bits() & flag_bits},
                  .exit_signal = static_cast<int>((c.flags & flag::EXIT_SIGNAL).bits()),
                  .pidfd_pointer = c.pidfd_pointer,
                  .same_tid_pointer = true},
                 pidfd_wanted(c));
  }
  abi::Result operator()(const abi::Clone3& c);
  abi::Result operator()(const abi::Unshare& c) { return sys_unshare(cpu_, Word{c.flags.bits()}); }
  abi::Result operator()(const abi::Setns& c) {
    return sys_setns(cpu_, c.file, Word{c.flags.bits()});
  }
  abi::Result operator()(const abi::Execve&) { return sys_execve(cpu_); }
  abi::Result operator()(const abi::Exit& c) { return sys_exit(cpu_, c); }
  abi::Result operator()(const abi::Kill& c) {
    return knows(c.target) ? sys_kill(cpu_, c) : abi::Result::skip();
  }
  abi::Result operator()(const abi::Wait& c) {
    return knows(c.child) ? sys_wait(cpu_, c) : abi::Result::skip();
  }
  abi::Result operator()(const abi::OpenNs& c) {
    if (!knows(c.target)) return abi::Result::skip();
    return with_file(c.file, [&](FileName<K>& name) { return sys_open_ns(cpu_, c, name); });
  }
  abi::Result operator()(const abi::OpenPidfd& c) {
    if (!knows(c.target)) return abi::Result::skip();
    return with_file(c.file, [&](FileName<K>& name) { return sys_pidfd_open(cpu_, c, name); });
  }
  abi::Result operator()(const abi::OpenFile& c) {
    if (c.kind == abi::FileKind::proc_dir && !knows(c.target)) return abi::Result::skip();
    return with_file(c.file, [&](FileName<K>& name) { return sys_open_file(cpu_, c, name); });
  }
  abi::Result operator()(const abi::Close& c) { return sys_close(cpu_, c); }
  abi::Result operator()(const abi::BindNs& c) { return sys_bind_ns(cpu_, c); }
  abi::Result operator()(const abi::UnbindNs& c) { return sys_unbind_ns(cpu_, c); }
  abi::Result operator()(const abi::NsIoctl& c) {
    if (!makes_file(c.op)) return sys_ioctl<K>(cpu_, c, nullptr);
    return with_file(c.made, [&](FileName<K>& name) { return sys_ioctl(cpu_, c, &name); });
  }
  abi::Result operator()(const abi::Chroot& c) { return sys_chroot(cpu_, c); }
  abi::Result operator()(const abi::PivotRoot&) { return sys_pivot_root(cpu_); }
  abi::Result operator()(const abi::Setresuid& c) {
    return set_ids(cpu_, abi::MapKind::uid, {c.real, c.effective, c.saved});
  }
  abi::Result operator()(const abi::Setresgid& c) {
    return set_ids(cpu_, abi::MapKind::gid, {c.real, c.effective, c.saved});
  }
  abi::Result operator()(const abi::Capset& c) { return sys_capset(cpu_, c); }
  abi::Result operator()(const abi::Prctl& c) { return sys_prctl(cpu_, c); }
  abi::Result operator()(const abi::WriteIdMap& c) {
    return knows(c.target) ? sys_write_id_map(cpu_, c) : abi::Result::skip();
  }
  abi::Result operator()(const abi::WriteSetgroups& c) {
    return knows(c.target) ? sys_write_setgroups(cpu_, c) : abi::Result::skip();
  }
  abi::Result operator()(const abi::SetLimit& c) { return sys_set_limit(cpu_, c); }
  abi::Result operator()(const abi::WriteTimens& c) {
    return knows(c.target) ? sys_write_timens(cpu_, c) : abi::Result::skip();
  }
  abi::Result operator()(const abi::Semop&) { return sys_semop(cpu_); }

 private:
  using M = typename K::Machine;
  using Word = typename K::Word;

  bool knows(abi::TaskId task) { return cpu_.kernel.tasks.at(cpu_.m, task.n).known(cpu_.m); }

  // The name of the pidfd that a clone would make, if it would.
  template <class C>
  static const abi::FileId* pidfd_wanted(const C& c) {
    return c.flags.has(flag::PIDFD) ? &c.pidfd : nullptr;
  }

  template <class F>
  abi::Result with_file(abi::FileId file, F&& f) {
    FileName<K> name(cpu_, cpu_.kernel.files, file.n);
    return name ? f(name) : abi::Result::skip();
  }

  // Skips if a name is taken, else clones.
  template <class F>
  abi::Result with_names(abi::TaskId child, const abi::FileId* pidfd, F&& f) {
    TaskName<K> name(cpu_, cpu_.kernel.tasks, child.n);
    if (!name) return abi::Result::skip();
    if (pidfd == nullptr) return f(name, static_cast<FileName<K>*>(nullptr));
    return with_file(*pidfd, [&](FileName<K>& pidfd_name) { return f(name, &pidfd_name); });
  }
  abi::Result clone(const CloneArgs<K>& args, const abi::FileId* pidfd) {
    return with_names(args.child, pidfd, [&](TaskName<K>& name, FileName<K>* pidfd_name) {
      return kernel_clone(cpu_, args, name, pidfd_name);
    });
  }

  Cpu<K>& cpu_;
};

template <class K>
abi::Result Dispatcher<K>::operator()(const abi::Clone3& c) {
  return with_names(c.child, pidfd_wanted(c), [&](TaskName<K>& name, FileName<K>* pidfd_name) {
    const Word flags{c.flags.bits()};
    const Errno invalid = validate_clone3(cpu_, flags, clone3_facts<K>(c));
    if (invalid != Errno::kOk) return abi::Result::failure(invalid);
    // What lies behind the end of a short array is nobody's number: 0.
    std::vector<std::int32_t> set_tid;
    if (c.size >= kCloneArgsV1 && c.set_tid_size != 0) {
      set_tid = c.set_tid;
      set_tid.resize(static_cast<std::size_t>(c.set_tid_size));
    }
    const CloneArgs<K> args{.child = c.child,
                            .flags = flags,
                            .exit_signal = static_cast<int>(c.exit_signal),
                            .set_tid = set_tid,
                            .pidfd_pointer = c.pidfd_pointer,
                            .same_tid_pointer = c.same_tid_pointer};
    return kernel_clone(cpu_, args, name, pidfd_name);
  });
}

// The running task of that name, claimed; null if the call must be skipped.
template <class K>
Task<K>* claim_caller(Cpu<K>& cpu, const abi::Call& call) {
  const ReadGuard guard(cpu);
  Task<K>* const task = cpu.find(call.caller);
  if (task == nullptr || !cpu.m.try_claim(task->claim)) return nullptr;
  const abi::TaskState state = task->state.get();
  const bool may = state == abi::TaskState::running ||
                   (state == abi::TaskState::blocked && std::holds_alternative<abi::Exit>(call.op));
  if (may) return task;
  cpu.current_ends = !cpu.m.unclaim(task->claim);
  if (cpu.current_ends) cpu.to_exit.push_back(task);
  return nullptr;
}

template <class K>
abi::Result apply_call(Cpu<K>& cpu, const abi::Call& call) {
  cpu.begin_call(call.fault);
  cpu.current = claim_caller(cpu, call);
  abi::Result result = abi::Result::skip();
  if (cpu.current != nullptr) {
    result = std::visit(Dispatcher<K>(cpu), call.op);
    result.steps = result.skipped ? std::uint16_t{0} : cpu.m.steps();
    // Killed while it was in here: it is still ours, and ends now.
    if (!cpu.current_ends && !cpu.m.unclaim(cpu.current->claim)) {
      cpu.current_ends = true;
      cpu.to_exit.push_back(cpu.current);
    }
  }
  run_exits(cpu);
  cpu.quiesce();
  return result;
}

}  // namespace impl
