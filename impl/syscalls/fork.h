// fork, vfork, clone, clone3.
//
// Mirrors kernel/fork.c (6.18): kernel_clone, copy_process with the copy_* that it calls in order,
// copy_clone_args_from_user, clone3_args_valid; copy_creds of kernel/cred.c. A failing step undoes
// those before it in reverse order. Left out: io_uring, scheduler, perf, audit, security and io
// contexts, which no namespace rule touches; an exec under way in another thread (EAGAIN).
#pragma once

#include <span>

#include "impl/file/file.h"
#include "impl/nsproxy/nsproxy.h"
#include "impl/syscalls/clone_flags.h"
#include "impl/syscalls/exit.h"

namespace impl {

template <class K>
struct CloneArgs {
  abi::TaskId child;
  typename K::Word flags{};
  int exit_signal = 0;
  std::span<const std::int32_t> set_tid{};
  abi::Pointer pidfd_pointer = abi::Pointer::good;
  bool same_tid_pointer = false;
};

// -- the parts of a child

// dup_task_struct: a child that nobody can see, which has nothing yet.
template <class K>
Fallible<Task<K>> dup_task(Cpu<K>& cpu) {
  if (cpu.fails(Step::dup_task)) return errno_of(Step::dup_task);
  auto* const child = cpu.template alloc<Task<K>>();
  cpu.m.init_claim(child->claim);
  child->state.set(abi::TaskState::none);
  cpu.m.init(child->nsproxy, static_cast<Nsproxy<K>*>(nullptr));
  cpu.m.init(child->cred, static_cast<Cred<K>*>(nullptr));
  cpu.m.init(child->mm, static_cast<Mm<K>*>(nullptr));
  cpu.m.init(child->fs, static_cast<Fs<K>*>(nullptr));
  cpu.m.init(child->pid, static_cast<Pid<K>*>(nullptr));
  child->files = nullptr;
  child->sighand = nullptr;
  child->signal = nullptr;
  child->undo = nullptr;
  child->is_vforked.set(false);
  child->real_parent = nullptr;
  child->children = nullptr;
  child->sibling_prev = child->sibling_next = nullptr;
  child->thread_prev = child->thread_next = nullptr;
  child->exiting.set(false);
  child->vfork_child = child->vfork_parent = nullptr;
  return child;
}

// CLONE-21, 22. Under 6.19 the user namespace comes into use with the task, for threads too.
template <class K>
Errno copy_creds(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  Cred<K>* cred = nullptr;
  if (cpu.has(flags, flag::THREAD)) {
    cred = cpu.bug(Bug::kThreadForgetsCredRef) ? cpu.cred() : cpu.get(cpu.cred());
  } else {
    const auto made = prepare_creds(cpu);
    if (made.failed()) return made.error;
    cred = made.value;
    if (cpu.has(flags, flag::NEWUSER)) {
      Errno e = create_user_ns(cpu, *cred);
      if (e == Errno::kOk) e = set_cred_ucounts(cpu, *cred);
      if (e != Errno::kOk) {
        if (!cpu.bug(Bug::kCopyCredsLeaksCred)) put_cred(cpu, cred);
        return e;
      }
    }
  }
  if (!cpu.bug(Bug::kForkNotActivated)) {
    ns_ref_active_get(cpu, static_cast<NsHead<K>*>(cred->user_ns));
  }
  cpu.m.init(child.cred, cred);  // transfers
  return Errno::kOk;
}

template <class K>
Errno copy_semundo(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  if (!cpu.has(flags, flag::SYSVSEM)) return Errno::kOk;
  if (cpu.current->undo == nullptr) {
    const auto made = make_undo(cpu);
    if (made.failed()) return made.error;
    // The child's alone until the clone succeeds; then the caller shares it.
    child.undo = made.value;
    return Errno::kOk;
  }
  child.undo = cpu.bug(Bug::kUndoNotCounted) ? cpu.current->undo : cpu.get(cpu.current->undo);
  return Errno::kOk;
}

template <class K>
Errno copy_files(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  if (cpu.has(flags, flag::FILES)) {
    child.files = cpu.bug(Bug::kFilesNotCounted) ? cpu.current->files : cpu.get(cpu.current->files);
    return Errno::kOk;
  }
  if (cpu.fails(Step::copy_files)) return errno_of(Step::copy_files);
  child.files = cpu.template alloc<Files<K>>();
  return Errno::kOk;
}

template <class K>
Errno copy_fs(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  Fs<K>* const fs = cpu.m.own(cpu.current->fs);
  if (cpu.has(flags, flag::FS)) {
    cpu.m.init(child.fs, cpu.bug(Bug::kFsNotCounted) ? fs : cpu.get(fs));
    return Errno::kOk;
  }
  const auto copy = copy_fs_struct(cpu, *fs);
  if (copy.failed()) return copy.error;
  cpu.m.init(child.fs, copy.value);
  return Errno::kOk;
}

template <class K>
Errno copy_sighand(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  if (cpu.has(flags, flag::SIGHAND)) {
    child.sighand =
        cpu.bug(Bug::kSighandNotCounted) ? cpu.current->sighand : cpu.get(cpu.current->sighand);
    return Errno::kOk;
  }
  if (cpu.fails(Step::copy_sighand)) return errno_of(Step::copy_sighand);
  child.sighand = dup_sighand(cpu, *cpu.current->sighand);
  return Errno::kOk;
}

template <class K>
Errno copy_signal(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  if (cpu.has(flags, flag::THREAD)) {
    child.signal =
        cpu.bug(Bug::kSignalNotCounted) ? cpu.current->signal : cpu.get(cpu.current->signal);
    return Errno::kOk;
  }
  if (cpu.fails(Step::copy_signal)) return errno_of(Step::copy_signal);
  auto* const signal = cpu.template alloc<Signal<K>>();
  signal->threads.set(0);
  signal->alive.set(0);
  signal->unkillable.set(false);
  signal->subreaper.set(false);
  signal->leader = nullptr;
  signal->first = signal->last = nullptr;
  child.signal = signal;
  return Errno::kOk;
}

template <class K>
Errno copy_mm(Cpu<K>& cpu, typename K::Word flags, Task<K>& child) {
  Mm<K>* const old = cpu.m.own(cpu.current->mm);
  if (cpu.has(flags, flag::VM)) {
    cpu.m.init(child.mm, cpu.bug(Bug::kMmNotCounted) ? old : cpu.get(old));
    return Errno::kOk;
  }
  if (cpu.fails(Step::copy_mm)) return errno_of(Step::copy_mm);
  auto* const mm = cpu.template alloc<Mm<K>>();
  mm->user_ns = cpu.bug(Bug::kMmUserNsNotCounted) ? old->user_ns : get_user_ns(cpu, old->user_ns);
  mm->dumpable.set(old->dumpable.get());
  cpu.m.init(child.mm, mm);
  return Errno::kOk;
}

// -- undoing

// CLONE-61: gives back what the half-made child has, in reverse order of copy_process().
template <class K>
void abort_clone(Cpu<K>& cpu, Task<K>* child) {
  if (Pid<K>* const pid = cpu.m.own(child->pid); pid != nullptr) {
    const Guard guard(cpu, cpu.kernel.tasklist_lock);
    if (!cpu.bug(Bug::kAbortForgetsPid)) free_pid(cpu, pid);
  }
  if (cpu.m.own(child->nsproxy) != nullptr && !cpu.bug(Bug::kAbortForgetsNsproxy)) {
    Nsproxy<K>* const ns = cpu.m.own(child->nsproxy);
    cpu.m.init(child->nsproxy, static_cast<Nsproxy<K>*>(nullptr));
    put_nsproxy(cpu, ns);
  }
  if (Mm<K>* const mm = cpu.m.own(child->mm); mm != nullptr && !cpu.bug(Bug::kAbortForgetsMm))
    put_mm(cpu, mm);
  if (child->signal != nullptr && !cpu.bug(Bug::kAbortForgetsSignal))
    put_signal(cpu, child->signal);
  if (child->sighand != nullptr && !cpu.bug(Bug::kAbortForgetsSighand))
    put_sighand(cpu, child->sighand);
  if (Fs<K>* const fs = cpu.m.own(child->fs); fs != nullptr && !cpu.bug(Bug::kAbortForgetsFs)) {
    put_fs(cpu, fs);
  }
  if (child->files != nullptr && !cpu.bug(Bug::kAbortForgetsFiles))
    put_files_struct(cpu, child->files);
  if (child->undo != nullptr && !cpu.bug(Bug::kAbortForgetsUndo) && cpu.put_private(child->undo)) {
    cpu.free(child->undo);
  }
  if (Cred<K>* const cred = cpu.m.own(child->cred); cred != nullptr) {
    if (!cpu.bug(Bug::kAbortKeepsActiveUser)) {
      ns_ref_active_put(cpu, static_cast<NsHead<K>*>(cred->user_ns));
    }
    if (!cpu.bug(Bug::kAbortForgetsCred)) put_cred(cpu, cred);
  }
  cpu.m.init_count(*child, 0);
  cpu.free(child);
}

// -- becoming a task

// A namespace's first process. Who has it as the one for children can see its link from now on
// (NSFS-05); that more than the child's nsproxy and struct pid hold it is the exception.
template <class K>
void set_child_reaper(Cpu<K>& cpu, PidNs<K>& ns, Task<K>& child) {
  ns.child_reaper = &child;
  ns.had_reaper.set(true);
  child.signal->unkillable.set(true);
  if (!cpu.m.alone() || cpu.m.value(ns.refs) <= 2) return;
  cpu.kernel.template slab<Task<K>>().for_each([&](const Task<K>& t) {
    const Nsproxy<K>* const nsproxy = cpu.m.load(t.nsproxy);
    if (nsproxy != nullptr && nsproxy->pid_ns_for_children == &ns) cpu.touch_task(t);
  });
}

// Under tasklist_lock, and nothing can fail any more: the child joins its family.
template <class K>
void join_family(Cpu<K>& cpu, const CloneArgs<K>& args, Task<K>& child) {
  Task<K>& me = *cpu.current;
  const bool thread = static_cast<bool>(cpu.has(args.flags, flag::THREAD));
  const bool sibling = thread || static_cast<bool>(cpu.has(args.flags, flag::PARENT));
  Task<K>* const parent = sibling ? me.real_parent : &me;
  child.exit_signal.set(thread    ? -1
                        : sibling ? me.signal->leader->exit_signal.get()
                                  : args.exit_signal);
  if (thread) {
    child.real_parent = parent;
  } else {
    child.signal->leader = &child;
    add_child(parent, child);
  }
  add_thread(*child.signal, child);
}

// The child and whoever made it become visible. CLONE-59: the last chance to fail.
template <class K>
Errno attach_child(Cpu<K>& cpu, const CloneArgs<K>& args, Task<K>& child, TaskName<K>& name) {
  Task<K>& me = *cpu.current;
  Pid<K>* const pid = cpu.m.own(child.pid);
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  if (!pid->ns->adding && !cpu.bug(Bug::kForkIntoDeadPidNs)) return Errno::kENOMEM;
  if (cpu.m.killed(me.claim)) return Errno::kEINTR;
  if (cpu.has(args.flags, flag::SYSVSEM) && me.undo == nullptr) {
    me.undo = cpu.bug(Bug::kCallerUndoNotCounted) ? child.undo : cpu.get(child.undo);
  }
  join_family(cpu, args, child);
  attach_pid(cpu, child, pid);
  if (is_child_reaper(*pid)) set_child_reaper(cpu, *pid->ns, child);
  if (cpu.has(args.flags, flag::VFORK)) {
    child.vfork_parent = &me;
    child.is_vforked.set(true);
    me.vfork_child = &child;
    set_state(cpu, me, TaskState::blocked);
  }
  set_state(cpu, child, TaskState::running);
  name.bind(&child);
  return Errno::kOk;
}

// Everything up to the child's number, in order; the child has what it got so far.
template <class K>
Errno copy_parts(Cpu<K>& cpu, const CloneArgs<K>& args, Task<K>& child) {
  const auto flags = args.flags;
  if (const Errno e = copy_creds(cpu, flags, child); e != Errno::kOk) return e;
  // CLONE-27: limits that a program cannot reach by itself.
  if (cpu.cred()->uid[Cred<K>::kReal] != 0 && !capable(cpu, abi::cap::SYS_RESOURCE) &&
      !capable(cpu, abi::cap::SYS_ADMIN) && cpu.fails(Step::nproc)) {
    return errno_of(Step::nproc);
  }
  if (cpu.fails(Step::max_threads)) return errno_of(Step::max_threads);
  if (const Errno e = copy_semundo(cpu, flags, child); e != Errno::kOk) return e;
  if (const Errno e = copy_files(cpu, flags, child); e != Errno::kOk) return e;
  if (const Errno e = copy_fs(cpu, flags, child); e != Errno::kOk) return e;
  if (const Errno e = copy_sighand(cpu, flags, child); e != Errno::kOk) return e;
  if (const Errno e = copy_signal(cpu, flags, child); e != Errno::kOk) return e;
  if (const Errno e = copy_mm(cpu, flags, child); e != Errno::kOk) return e;
  UserNs<K>* const user_ns = cpu.m.own(child.cred)->user_ns;
  if (const Errno e = copy_namespaces(cpu, flags, child, user_ns); e != Errno::kOk) return e;
  PidNs<K>* const pid_ns = cpu.m.own(child.nsproxy)->pid_ns_for_children;
  const auto pid = alloc_pid(cpu, pid_ns, args.set_tid);
  if (pid.failed()) return pid.error;
  cpu.m.init(child.pid, pid.value);
  return Errno::kOk;
}

// The steps after the number: pidfd, cgroup, signals, and the moment of truth.
template <class K>
Errno finish_clone(Cpu<K>& cpu, const CloneArgs<K>& args, Task<K>& child, TaskName<K>& name,
                   FileName<K>* pidfd_name) {
  File<K>* pidfd = nullptr;
  const auto fail = [&](Errno error) {
    if (pidfd != nullptr && !cpu.bug(Bug::kAbortForgetsPidfd)) fput(cpu, pidfd);
    return error;
  };
  if (pidfd_name != nullptr) {
    const auto file = pidfd_file(cpu, cpu.m.own(child.pid));
    if (file.failed()) return file.error;
    pidfd = file.value;
    const bool late =
        cpu.bug(Bug::kPidfdPointerAfterCgroup) && cpu.has(args.flags, flag::INTO_CGROUP);
    if (args.pidfd_pointer != abi::Pointer::good && !late) return fail(Errno::kEFAULT);  // CLONE-58
  }
  // CLONE-60: no descriptor is a cgroup directory here.
  if (cpu.has(args.flags, flag::INTO_CGROUP)) return fail(Errno::kEBADF);
  std::array steps = {Step::cgroup_fork, Step::fatal_signal};
  if (cpu.bug(Bug::kSignalBeforeCgroup)) std::swap(steps[0], steps[1]);
  for (const Step step : steps) {
    if (cpu.fails(step)) return fail(errno_of(step));
  }
  if (const Errno e = attach_child(cpu, args, child, name); e != Errno::kOk) return fail(e);
  if (pidfd != nullptr) pidfd_name->bind(pidfd);  // transfers
  return Errno::kOk;
}

template <class K>
abi::Result kernel_clone(Cpu<K>& cpu, const CloneArgs<K>& args, TaskName<K>& name,
                         FileName<K>* pidfd_name) {
  const CloneFacts<K> facts = clone_facts(cpu, args.same_tid_pointer);
  const Errno invalid = validate_clone_flags(cpu, args.flags, facts);
  if (invalid != Errno::kOk) return abi::Result::failure(invalid);
  const auto dup = dup_task(cpu);
  if (dup.failed()) return abi::Result::failure(dup.error);
  Task<K>& child = *dup.value;
  Errno e = copy_parts(cpu, args, child);
  // What the caller will be told, before anybody can end the child.
  std::int64_t number = 0;
  if (e == Errno::kOk) {
    child.name = args.child;
    number = pid_nr_ns(*cpu.m.own(child.pid), *task_active_pid_ns(cpu, *cpu.current));
    e = finish_clone(cpu, args, child, name, pidfd_name);
  }
  if (e != Errno::kOk) {
    abort_clone(cpu, &child);
    return abi::Result::failure(e);
  }
  return abi::Result::success(number);
}

}  // namespace impl
