// What Linux's nsproxy.c calls, carried out by impl: kernel.h's functions.
//
// Each forwards to impl's function of the same name, for the processor that the call runs on.
// Mirrors no file of Linux; semantics are impl's (6.18, by profile), so that what differs from the
// model is nsproxy.c's doing. A pointer to nothing alive ends the call with an oops.
#include "props/systems/linux_source/seam.h"

// GCC's documentation says that offsetof() works for these types, though the standard does not.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace props {
namespace {

using K = LinuxBuild;
using impl::Step;

// kernel.h's struct object, and the members of each that C knows.
constexpr std::size_t kObjectSize = 32;
static_assert(offsetof(impl::Counted<K>, refs) == 0 && sizeof(LinuxMachine::Count) == 16);
static_assert(offsetof(LinuxMachine::Count, ns_type) == 4);
static_assert(offsetof(LinuxMachine::Count, ops) == 8);
static_assert(offsetof(impl::Counted<K>, live) == 16 && offsetof(impl::Counted<K>, id) == 24);
static_assert(offsetof(impl::Nsproxy<K>, mnt_ns) == kObjectSize);
static_assert(offsetof(impl::Nsproxy<K>, uts_ns) == kObjectSize + 8);
static_assert(offsetof(impl::Nsproxy<K>, ipc_ns) == kObjectSize + 16);
static_assert(offsetof(impl::Nsproxy<K>, pid_ns_for_children) == kObjectSize + 24);
static_assert(offsetof(impl::Nsproxy<K>, cgroup_ns) == kObjectSize + 32);
static_assert(offsetof(impl::Nsproxy<K>, net_ns) == kObjectSize + 40);
static_assert(offsetof(impl::Nsproxy<K>, time_ns_for_children) == kObjectSize + 48);
static_assert(offsetof(impl::Nsproxy<K>, time_ns) == kObjectSize + 56);
static_assert(offsetof(impl::Task<K>, nsproxy) == kObjectSize);
static_assert(offsetof(impl::Task<K>, fs) == kObjectSize + 8);
static_assert(offsetof(impl::Task<K>, cred) == kObjectSize + 16);
static_assert(offsetof(impl::Cred<K>, user_ns) == kObjectSize);
static_assert(offsetof(impl::Fs<K>, root) == kObjectSize);
static_assert(sizeof(LinuxMachine::Pointer<int>) == sizeof(int*));

// What a slot holds that nobody has written yet, or that was freed: memory that is nothing alive.
constinit std::array<std::uint64_t, 128> poison{};

// The object behind C's pointer; it must be alive.
template <class T>
T* alive(void* pointer, const char* role) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);  // NOLINT
  constexpr std::uintptr_t kFirstPage = 4096;
  CoreCall& call = CoreCall::now();
  if (address < kFirstPage || address > ~kFirstPage) {
    call.oops(role, pointer == nullptr ? ": null" : ": an error pointer");
  }
  auto* const object = static_cast<T*>(pointer);
  if (!object->live) call.oops(role, ": not alive");
  return object;
}

LinuxCpu& cpu() { return CoreCall::now().cpu; }

template <class T>
void* or_error(const impl::Fallible<T>& made) {
  if (!made.failed()) return made.value;
  return reinterpret_cast<void*>(-static_cast<std::intptr_t>(made.error));  // NOLINT
}

void may_sleep() {
  CoreCall& call = CoreCall::now();
  if (call.rcu != 0) call.complain("may sleep in an RCU read section");
  if (call.task_locks != 0) call.complain("may sleep with a task locked");
}

void poison_slots(impl::Nsproxy<K>& ns) {
  const auto fill = [](auto*& slot) {
    slot = reinterpret_cast<std::remove_reference_t<decltype(slot)>>(poison.data());  // NOLINT
  };
  fill(ns.mnt_ns);
  fill(ns.uts_ns);
  fill(ns.ipc_ns);
  fill(ns.pid_ns_for_children);
  fill(ns.cgroup_ns);
  fill(ns.net_ns);
  fill(ns.time_ns_for_children);
  fill(ns.time_ns);
}

}  // namespace
}  // namespace props

using namespace props;  // NOLINT: what follows is C's

// C's; see kernel.h.
struct nsset {
  unsigned flags;
  impl::Nsproxy<K>* nsproxy;
  impl::Fs<K>* fs;
  impl::Cred<K>* cred;
};
struct kmem_cache {};

namespace {

// impl's validate_ns() on C's nsset.
int install(nsset* set, ns_common* ns) {
  using namespace impl;
  auto* const target = alive<NsHead<K>>(ns, "installs a namespace");
  Nsset<K> ours;
  ours.flags = set->flags;
  ours.nsproxy = alive<Nsproxy<K>>(set->nsproxy, "installs into a nsproxy");
  ours.cred = alive<Cred<K>>(set->cred, "installs with credentials");
  ours.fs = set->fs;
  if (target->type == abi::NsType::mnt) alive<Fs<K>>(set->fs, "installs into a fs_struct");
  return -static_cast<int>(validate_ns(cpu(), ours, *target));
}

constexpr std::array<proc_ns_operations, abi::kNsTypes> make_operations() {
  std::array<proc_ns_operations, abi::kNsTypes> all{};
  for (const abi::NsType type : abi::kAllNsTypes) {
    all[abi::index(type)] = {static_cast<int>(abi::flag_of(type).bits()), install};
  }
  return all;
}

kmem_cache nsproxy_cache;

}  // namespace

const std::array<proc_ns_operations, abi::kNsTypes> props::kNsOperations = make_operations();

extern "C" {

// -- memory and counts ---------------------------------------------------------------------------

void shim_warn(const char* what) { CoreCall::now().complain("warns: ", what); }
void might_sleep() { may_sleep(); }

kmem_cache* shim_cache(const char*, unsigned long) { return &nsproxy_cache; }

void* kmem_cache_alloc(kmem_cache* cache, unsigned) {
  may_sleep();
  if (cache != &nsproxy_cache) CoreCall::now().oops("allocates from a cache that was never made");
  if (cpu().fails(Step::alloc_nsproxy)) return nullptr;
  auto* const ns = cpu().alloc<impl::Nsproxy<K>>();
  cpu().m.init_count(*ns, 0);
  ns->lent = 0;
  poison_slots(*ns);
  return ns;
}

void kmem_cache_free(kmem_cache*, void* object) {
  auto* const ns = alive<impl::Nsproxy<K>>(object, "frees a nsproxy");
  cpu().touch(*ns);
  cpu().m.init_count(*ns, 0);
  poison_slots(*ns);
  cpu().free_after_readers(ns);
}

// Only nsproxies are counted by C itself; the count is what they begin with.
void refcount_set(void* count, int n) {
  auto* const ns = alive<impl::Nsproxy<K>>(count, "sets the count of a nsproxy");
  cpu().touch(*ns);
  cpu().m.init_count(*ns, static_cast<std::uint32_t>(n));
}
void refcount_inc(void* count) { cpu().get(alive<impl::Nsproxy<K>>(count, "gets a nsproxy")); }
bool refcount_dec_and_test(void* count) {
  return cpu().put(alive<impl::Nsproxy<K>>(count, "puts a nsproxy"));
}
unsigned refcount_read(void* count) {
  return LinuxMachine::value(alive<impl::Nsproxy<K>>(count, "reads a nsproxy's count")->refs);
}

// -- namespaces ----------------------------------------------------------------------------------

#define OLD(type, name) alive<impl::type<K>>(old, "copies a " name " namespace")
#define OWNER alive<impl::UserNs<K>>(user_ns, "copies a namespace for a user namespace")

void* copy_mnt_ns(unsigned long flags, void* old, void* user_ns, void* new_fs) {
  may_sleep();
  auto* const fs = alive<impl::Fs<K>>(new_fs, "copies a mnt namespace for a fs_struct");
  return or_error(impl::copy_mnt_ns(cpu(), flags, OLD(MntNs, "mnt"), OWNER, fs, impl::Keep::count));
}
void* copy_utsname(unsigned long flags, void* user_ns, void* old) {
  return or_error(impl::copy_utsname(cpu(), flags, OWNER, OLD(UtsNs, "uts"), impl::Keep::count));
}
void* copy_ipcs(unsigned long flags, void* user_ns, void* old) {
  return or_error(impl::copy_ipcs(cpu(), flags, OWNER, OLD(IpcNs, "ipc"), impl::Keep::count));
}
void* copy_pid_ns(unsigned long flags, void* user_ns, void* old) {
  return or_error(impl::copy_pid_ns(cpu(), flags, OWNER, OLD(PidNs, "pid"), impl::Keep::count));
}
void* copy_cgroup_ns(unsigned long flags, void* user_ns, void* old) {
  return or_error(
      impl::copy_cgroup_ns(cpu(), flags, OWNER, OLD(CgroupNs, "cgroup"), impl::Keep::count));
}
void* copy_net_ns(unsigned long flags, void* user_ns, void* old) {
  return or_error(impl::copy_net_ns(cpu(), flags, OWNER, OLD(NetNs, "net"), impl::Keep::count));
}
void* copy_time_ns(unsigned long flags, void* user_ns, void* old) {
  return or_error(impl::copy_time_ns(cpu(), flags, OWNER, OLD(TimeNs, "time"), impl::Keep::count));
}

#undef OWNER
#undef OLD

void put_mnt_ns(void* ns) {
  may_sleep();
  impl::put_mnt_ns(cpu(), alive<impl::MntNs<K>>(ns, "puts a mnt namespace"));
}
void put_uts_ns(void* ns) {
  impl::put_uts_ns(cpu(), alive<impl::UtsNs<K>>(ns, "puts a uts namespace"));
}
void put_ipc_ns(void* ns) {
  impl::put_ipc_ns(cpu(), alive<impl::IpcNs<K>>(ns, "puts an ipc namespace"));
}
void put_pid_ns(void* ns) {
  impl::put_pid_ns(cpu(), alive<impl::PidNs<K>>(ns, "puts a pid namespace"));
}
void put_cgroup_ns(void* ns) {
  impl::put_cgroup_ns(cpu(), alive<impl::CgroupNs<K>>(ns, "puts a cgroup namespace"));
}
void put_net(void* ns) { impl::put_net(cpu(), alive<impl::NetNs<K>>(ns, "puts a net namespace")); }
void put_time_ns(void* ns) {
  impl::put_time_ns(cpu(), alive<impl::TimeNs<K>>(ns, "puts a time namespace"));
}
void put_user_ns(void* ns) {
  if (ns == nullptr) return;
  impl::put_user_ns(cpu(), alive<impl::UserNs<K>>(ns, "puts a user namespace"));
}
void shim_get_ns(void* ns) { impl::ns_get(cpu(), alive<impl::NsHead<K>>(ns, "gets a namespace")); }

void timens_on_fork(void* nsproxy, void*) {
  impl::timens_on_fork(cpu(), *alive<impl::Nsproxy<K>>(nsproxy, "moves the time of a nsproxy"));
}
void timens_commit(void*, void* ns) {
  impl::timens_commit(cpu(), alive<impl::TimeNs<K>>(ns, "enters a time namespace"));
}

void shim_active_get(void* ns) {
  impl::ns_ref_active_get(cpu(), alive<impl::NsHead<K>>(ns, "brings into use a namespace"));
}
void shim_active_put(void* ns) {
  impl::ns_ref_active_put(cpu(), alive<impl::NsHead<K>>(ns, "takes out of use a namespace"));
}
void nsproxy_ns_active_get(void* nsproxy) {
  impl::nsproxy_ns_active_get(cpu(), *alive<impl::Nsproxy<K>>(nsproxy, "activates a nsproxy"));
}
void nsproxy_ns_active_put(void* nsproxy) {
  impl::nsproxy_ns_active_put(cpu(), *alive<impl::Nsproxy<K>>(nsproxy, "deactivates a nsproxy"));
}

// -- tasks, credentials, fs ----------------------------------------------------------------------

void* shim_current() { return cpu().current; }

void rcu_read_lock() { ++CoreCall::now().rcu; }
void rcu_read_unlock() {
  if (--CoreCall::now().rcu < 0) CoreCall::now().oops("leaves an RCU read section twice");
}
void task_lock(void*) { ++CoreCall::now().task_locks; }
void task_unlock(void*) {
  if (--CoreCall::now().task_locks < 0) CoreCall::now().oops("unlocks a task twice");
}

void* pid_task(void* pid, int) {
  if (CoreCall::now().rcu == 0) CoreCall::now().complain("looks up a task outside of RCU");
  return LinuxMachine::load(alive<impl::Pid<K>>(pid, "looks up the task of a struct pid")->task);
}
void* task_active_pid_ns(void* task) {
  auto* const t = alive<impl::Task<K>>(task, "asks for the pid namespace of a task");
  return LinuxMachine::load(t->pid) == nullptr ? nullptr : impl::task_active_pid_ns(cpu(), *t);
}
bool ptrace_may_access(void* task, unsigned mode) {
  constexpr unsigned kFsCreds = 8;
  return impl::ptrace_may_access(
      cpu(), *alive<impl::Task<K>>(task, "asks whether it may look into a task"),
      (mode & kFsCreds) != 0 ? impl::PtraceMode::fs_creds : impl::PtraceMode::real_creds);
}

bool ns_capable(void* ns, int cap) {
  return impl::ns_capable(cpu(), alive<impl::UserNs<K>>(ns, "asks for a capability over"), cap);
}
void* prepare_creds() {
  may_sleep();
  const auto made = impl::prepare_creds(cpu());
  return made.failed() ? nullptr : made.value;
}
int commit_creds(void* cred) {
  impl::commit_creds(cpu(), *cpu().current, alive<impl::Cred<K>>(cred, "commits credentials"));
  return 0;
}
void put_cred(void* cred) {
  if (cred == nullptr) return;
  impl::put_cred(cpu(), alive<impl::Cred<K>>(cred, "puts credentials"));
}

void* copy_fs_struct(void* fs) {
  may_sleep();
  const auto made = impl::copy_fs_struct(cpu(), *alive<impl::Fs<K>>(fs, "copies a fs_struct"));
  return made.failed() ? nullptr : made.value;
}
void free_fs_struct(void* fs) { impl::put_fs(cpu(), alive<impl::Fs<K>>(fs, "frees a fs_struct")); }
// The path is a root, which is where impl has it, and in C one before the working directory.
void set_fs_root(void* fs, void* path) {
  auto* const from =
      alive<impl::Fs<K>>(static_cast<char*>(path) - kObjectSize, "takes the root of a fs_struct");
  impl::set_fs_root(cpu(), *alive<impl::Fs<K>>(fs, "moves a root"), from->root.get());
  CoreCall::now().root_of = from;
}
void set_fs_pwd(void*, void* path) {
  CoreCall::now().pwd_of = alive<impl::Fs<K>>(static_cast<char*>(path) - kObjectSize - 1,
                                              "takes the working directory of a fs_struct");
}
void exit_sem(void* task) {
  impl::exit_sem(cpu(), *alive<impl::Task<K>>(task, "undoes the semaphores of a task"));
}

// -- files ---------------------------------------------------------------------------------------

CoreFile* fget(unsigned fd) {
  CoreCall& call = CoreCall::now();
  if (call.open_files == call.files.size()) call.oops("looks up too many files");
  auto* const file = impl::fget(cpu(), abi::FileId{fd});
  if (file == nullptr) return nullptr;
  if (file->o_path) {
    impl::fput(cpu(), file);
    return nullptr;
  }
  CoreFile& made = call.files[call.open_files++];
  made = {file->type == impl::FileType::pidfd ? file->pid : nullptr, file};
  return &made;
}
void fput(CoreFile* file) { impl::fput(cpu(), alive<impl::File<K>>(file->file, "puts a file")); }

bool proc_ns_file(const CoreFile* file) { return file->file->type == impl::FileType::ns; }
void* file_inode(const CoreFile* file) { return file->file->inode; }
void* get_proc_ns(void* inode) {
  return alive<impl::Inode<K>>(inode, "asks for the namespace of an inode")->ns;
}
void* pidfd_pid(const CoreFile* file) {
  if (file->file->type == impl::FileType::pidfd) return file->file->pid;
  return reinterpret_cast<void*>(-static_cast<std::intptr_t>(impl::Errno::kEBADF));  // NOLINT
}

}  // extern "C"

template class impl::Kernel<LinuxMachine, impl::BaselinePolicy>;
