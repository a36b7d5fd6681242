// Open files and nsfs inodes: what keeps namespaces, credentials and process numbers alive.
//
// Mirrors fs/file_table.c (alloc_empty_file, fput), fs/nsfs.c (path_from_stashed, nsfs_evict) and
// kernel/fork.c's pidfd files (6.18). Descriptor tables are left out: a FileId names an open file.
// Where Linux stashes a dentry in the namespace with cmpxchg, a lock is around it here.
#pragma once

#include "impl/ns/ipc_ns.h"
#include "impl/ns/mnt_ns.h"
#include "impl/ns/pid_ns.h"
#include "impl/ns/time_ns.h"
#include "impl/task/cred.h"
#include "impl/task/pid.h"

namespace impl {

// A reference on a namespace of any type.
template <class K>
void put_ns(Cpu<K>& cpu, NsHead<K>* ns) {
  switch (ns->type) {
    case abi::NsType::mnt:
      return put_mnt_ns(cpu, static_cast<MntNs<K>*>(ns));
    case abi::NsType::uts:
      return put_uts_ns(cpu, static_cast<UtsNs<K>*>(ns));
    case abi::NsType::ipc:
      return put_ipc_ns(cpu, static_cast<IpcNs<K>*>(ns));
    case abi::NsType::pid:
      return put_pid_ns(cpu, static_cast<PidNs<K>*>(ns));
    case abi::NsType::cgroup:
      return put_cgroup_ns(cpu, static_cast<CgroupNs<K>*>(ns));
    case abi::NsType::net:
      return put_net(cpu, static_cast<NetNs<K>*>(ns));
    case abi::NsType::time:
      return put_time_ns(cpu, static_cast<TimeNs<K>*>(ns));
    case abi::NsType::user:
      return put_user_ns(cpu, static_cast<UserNs<K>*>(ns));
  }
}

// -- nsfs inodes

// REF-07: the last file or mount has gone, and with it the inode's one reference on the namespace.
template <class K>
void put_inode(Cpu<K>& cpu, Inode<K>* inode) {
  if (cpu.put_unless_last(inode)) return;
  NsHead<K>* const ns = inode->ns;
  {
    // Only under the lock does it die, so that who finds it stashed can still get it.
    const Guard guard(cpu, cpu.kernel.nsfs_lock);
    if (!cpu.put(inode)) return;
    cpu.publish(ns->stashed, static_cast<Inode<K>*>(nullptr));
  }
  cpu.free(inode);
  if (cpu.bug(Bug::kEvictPutsBeforeActive)) {  // BUG-55
    put_ns(cpu, ns);
    return ns_ref_active_put(cpu, ns);
  }
  if (!cpu.bug(Bug::kEvictKeepsActive)) ns_ref_active_put(cpu, ns);
  if (!cpu.bug(Bug::kEvictForgetsNs)) put_ns(cpu, ns);
}

// The inode of a namespace, made if there is none. Takes over the caller's reference on the
// namespace: it transfers to a new inode, and is dropped if there is one or none can be made.
template <class K>
Fallible<Inode<K>> nsfs_inode(Cpu<K>& cpu, NsHead<K>* ns) {
  Fallible<Inode<K>> found = Errno::kOk;
  {
    const Guard guard(cpu, cpu.kernel.nsfs_lock);
    if (Inode<K>* const stashed = cpu.m.load(ns->stashed)) {
      found = cpu.bug(Bug::kStashedNotCounted) ? stashed : cpu.get(stashed);
    } else if (cpu.fails(Step::nsfs_inode)) {
      found = errno_of(Step::nsfs_inode);
    } else {
      auto* const made = cpu.template alloc<Inode<K>>();
      made->ns = ns;  // transfers
      if (!cpu.bug(Bug::kNsfsNotActivated)) ns_ref_active_get(cpu, ns);
      cpu.publish(ns->stashed, made);
      return made;
    }
  }
  if (found.failed() ? !cpu.bug(Bug::kNsfsFailureLeaksNs) : !cpu.bug(Bug::kNsfsRefPerOpen)) {
    put_ns(cpu, ns);
  }
  return found;
}

// -- files

template <class K>
void free_file(Cpu<K>& cpu, File<K>* file) {
  if (file->inode != nullptr && !cpu.bug(Bug::kFileForgetsInode)) put_inode(cpu, file->inode);
  if (file->pid != nullptr && !cpu.bug(Bug::kFileForgetsPid)) put_pid(cpu, file->pid);
  if (file->net_ns != nullptr && !cpu.bug(Bug::kFileForgetsNet)) put_net(cpu, file->net_ns);
  if (file->cgroup != nullptr && !cpu.bug(Bug::kFileForgetsCgroup))
    put_cgroup_ns(cpu, file->cgroup);
  if (!cpu.bug(Bug::kFileForgetsCred)) put_cred(cpu, file->cred);
  cpu.free_after_readers(file);
}

template <class K>
void fput(Cpu<K>& cpu, File<K>* file) {
  if (cpu.put(file)) free_file(cpu, file);
}

// A file of the caller's that refers to nothing yet. Its reference transfers to the caller.
template <class K>
File<K>* alloc_file(Cpu<K>& cpu, FileType type) {
  auto* const file = cpu.template alloc<File<K>>();
  file->type = type;
  file->o_path = false;
  file->cred = cpu.bug(Bug::kOpenerNotCounted) ? cpu.cred() : cpu.get(cpu.cred());
  file->inode = nullptr;
  file->pid = nullptr;
  file->net_ns = nullptr;
  file->cgroup = nullptr;
  return file;
}

// The open file of that name with a reference for the caller, or null (fdget).
template <class K>
File<K>* fget(Cpu<K>& cpu, abi::FileId name) {
  const ReadGuard guard(cpu);
  File<K>* const file = cpu.find(name);
  if (file == nullptr) return nullptr;
  return cpu.bug(Bug::kFileNotCounted) || cpu.try_get(file) ? file : nullptr;
}

// An open file held for a scope; null if the name is none.
template <class K>
class Fd {
 public:
  Fd(Cpu<K>& cpu, abi::FileId name) : cpu_(cpu), file_(fget(cpu, name)) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (file_ != nullptr && !cpu_.bug(Bug::kFileKept)) fput(cpu_, file_);
  }
  explicit operator bool() const { return file_ != nullptr; }
  const File<K>* operator->() const { return file_; }
  const File<K>* get() const { return file_; }
  // As most calls want it: not O_PATH.
  bool usable() const { return file_ != nullptr && !file_->o_path; }

 private:
  Cpu<K>& cpu_;
  File<K>* file_;
};

// Names what a call may make before it runs, and takes the name back if it made nothing.
template <class K, class T>
class Reservation {
 public:
  Reservation(Cpu<K>& cpu, Names<typename K::Machine, T>& names, std::uint32_t n)
      : m_(cpu.m), entry_(&names.at(cpu.m, n)) {
    if (!entry_->reserve(m_, before_)) entry_ = nullptr;
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() {
    if (entry_ != nullptr) entry_->unreserve(m_, before_);
  }
  explicit operator bool() const { return entry_ != nullptr; }
  // The object is reachable by its name from now on; its reference, if any, transfers to the name.
  void bind(T* object) {
    entry_->set(m_, object);
    entry_ = nullptr;
  }

 private:
  typename K::Machine& m_;
  typename Names<typename K::Machine, T>::Entry* entry_;
  T* before_ = nullptr;
};

template <class K>
using FileName = Reservation<K, File<K>>;
template <class K>
using TaskName = Reservation<K, Task<K>>;

// Opens a namespace under a name. Takes over the caller's reference on it (open_namespace).
template <class K>
Errno open_namespace(Cpu<K>& cpu, NsHead<K>* ns, FileName<K>& name, bool o_path) {
  const auto inode = nsfs_inode(cpu, ns);
  if (inode.failed()) return inode.error;
  if (cpu.fails(Step::open_file)) {
    if (!cpu.bug(Bug::kOpenFailureLeaksInode)) put_inode(cpu, inode.value);
    return errno_of(Step::open_file);
  }
  File<K>* const file = alloc_file(cpu, FileType::ns);
  file->inode = inode.value;  // transfers
  file->o_path = o_path;
  name.bind(file);  // transfers
  return Errno::kOk;
}

// A pidfd file, not named yet (pidfd_prepare).
template <class K>
Fallible<File<K>> pidfd_file(Cpu<K>& cpu, Pid<K>* pid) {
  if (cpu.fails(Step::pidfd)) return errno_of(Step::pidfd);
  File<K>* const file = alloc_file(cpu, FileType::pidfd);
  file->pid = cpu.bug(Bug::kPidfdForgetsPid) ? pid : cpu.get(pid);
  return file;
}

}  // namespace impl
