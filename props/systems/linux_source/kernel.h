/*
 * What kernel/nsproxy.c takes from the rest of the kernel, said in our own words.
 *
 * Included before the file itself, whose own #includes find empty files. Structures have only the
 * members that nsproxy.c names. Tasks, nsproxies, credentials and namespaces are impl's objects,
 * seen from C: what they begin with (struct object) and their first members, which shim.cc checks
 * against impl. Functions without a body are in shim.cc. Left out: preemption, lockdep, memory
 * orders and real concurrency: a locking bug shows only as a lock that is not given back.
 */
#ifndef PROPS_SYSTEMS_LINUX_SOURCE_KERNEL_H_
#define PROPS_SYSTEMS_LINUX_SOURCE_KERNEL_H_

/* -- the language -- */

#define NULL ((void *)0)
typedef _Bool bool;
enum { false, true };
typedef unsigned long size_t;
typedef unsigned int u32;
typedef unsigned long u64;

#define likely(x) (x)
#define unlikely(x) (x)
#define __init
#define __user
#define __rcu
#define __read_mostly
#define __ro_after_init
#define noinline
#define notrace
#define __always_inline inline
#define __cold
#define __must_check
#define __maybe_unused __attribute__((unused))
#define __acquires(lock)
#define __releases(lock)
#define fallthrough __attribute__((fallthrough))
#define EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_GPL(name)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
/* One task runs at a time. */
#define xchg(at, value)         \
  ({                            \
    typeof(*(at)) was_ = *(at); \
    *(at) = (value);            \
    was_;                       \
  })
#define smp_load_acquire(at) (*(at))
#define smp_store_release(at, value) ((void)(*(at) = (value)))
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define WARN_ON(x)             \
  ({                           \
    const bool warned = (x);   \
    if (warned) shim_warn(#x); \
    warned;                    \
  })
#define WARN_ON_ONCE(x) WARN_ON(x)
#define VFS_WARN_ON_ONCE(x) WARN_ON(x)
void shim_warn(const char *what);
void might_sleep(void);

enum {
  EPERM = 1,
  ESRCH = 3,
  EBADF = 9,
  EAGAIN = 11,
  ENOMEM = 12,
  EACCES = 13,
  EFAULT = 14,
  EEXIST = 17,
  EINVAL = 22,
  ENOSPC = 28,
  EUSERS = 87,
  EOPNOTSUPP = 95
};

#define ERR_PTR(error) ((void *)(long)(error))
#define PTR_ERR(pointer) ((long)(pointer))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= -4095ul)
#define IS_ERR_OR_NULL(pointer) (!(pointer) || IS_ERR(pointer))
#define PTR_ERR_OR_ZERO(pointer) ((int)(IS_ERR(pointer) ? PTR_ERR(pointer) : 0))
#define ERR_CAST(pointer) ((void *)(pointer))

/* Cleanup by scope, as newer trees use it. */
#define __cleanup(function) __attribute__((cleanup(function)))
#define __free(name) __cleanup(__free_##name)
#define DEFINE_FREE(name, type, put)           \
  static inline void __free_##name(void *at) { \
    type _T = *(type *)at;                     \
    put;                                       \
  }
#define no_free_ptr(p)     \
  ({                       \
    typeof(p) taken = (p); \
    (p) = NULL;            \
    taken;                 \
  })
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))
#define return_ptr(p) return no_free_ptr(p)
#define CLASS(name, var) \
  class_##name##_t var __cleanup(class_##name##_destructor) = class_##name##_constructor
#define SHIM_PASTE(a, b) a##b
#define SHIM_UNIQUE(n) SHIM_PASTE(guard_, n)
#define guard(name) CLASS(name, SHIM_UNIQUE(__COUNTER__))
#define scoped_guard(name, args...) \
  for (CLASS(name, scope)(args), *done = NULL; !done; done = (void *)1)

/* -- flags, of the user API -- */

#define CLONE_NEWTIME 0x80
#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_SIGHAND 0x800
#define CLONE_VFORK 0x4000
#define CLONE_THREAD 0x10000
#define CLONE_NEWNS 0x20000
#define CLONE_SYSVSEM 0x40000
#define CLONE_NEWCGROUP 0x2000000
#define CLONE_NEWUTS 0x4000000
#define CLONE_NEWIPC 0x8000000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWNET 0x40000000
#define CLONE_NS_ALL                                                                             \
  (CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
   CLONE_NEWPID | CLONE_NEWNET)

/* 7.1: never asked for here, the model does not know them. */
#define UNSHARE_EMPTY_MNTNS 0x100000
#define CLONE_EMPTY_MNTNS (1ul << 37)

#define CAP_SYS_ADMIN 21

#define CONFIG_CGROUPS 1
#define CONFIG_IPC_NS 1
#define CONFIG_NET 1
#define CONFIG_NET_NS 1
#define CONFIG_PID_NS 1
#define CONFIG_POSIX_MQUEUE 1
#define CONFIG_SYSVIPC 1
#define CONFIG_TIME_NS 1
#define CONFIG_USER_NS 1
#define CONFIG_UTS_NS 1

/* -- objects -- */

typedef struct {
  u32 n;
} refcount_t;
typedef refcount_t atomic_t;
#define REFCOUNT_INIT(value) \
  { (value) }
#define ATOMIC_INIT(value) \
  { (value) }

struct proc_ns_operations;

/* What each of impl's objects begins with: LinuxMachine::Count, then Counted. */
#define SHIM_OBJECT(counter)                  \
  refcount_t counter;                         \
  u32 ns_type; /* of a namespace: its flag */ \
  const struct proc_ns_operations *ops;       \
  bool shim_live;                             \
  u64 shim_id
struct object {
  SHIM_OBJECT(count);
};

struct ns_common {
  SHIM_OBJECT(__ns_ref);
};
#define SHIM_NAMESPACE(name) \
  struct name {              \
    struct ns_common ns;     \
  }
SHIM_NAMESPACE(cgroup_namespace);
SHIM_NAMESPACE(ipc_namespace);
SHIM_NAMESPACE(mnt_namespace);
SHIM_NAMESPACE(net);
SHIM_NAMESPACE(pid_namespace);
SHIM_NAMESPACE(time_namespace);
SHIM_NAMESPACE(user_namespace);
SHIM_NAMESPACE(uts_namespace);
#define to_ns_common(namespace) (&(namespace)->ns)
static inline struct ns_common *from_mnt_ns(struct mnt_namespace *ns) { return &ns->ns; }

struct nsproxy {
  SHIM_OBJECT(count);
  struct mnt_namespace *mnt_ns;
  struct uts_namespace *uts_ns;
  struct ipc_namespace *ipc_ns;
  struct pid_namespace *pid_ns_for_children;
  struct cgroup_namespace *cgroup_ns;
  struct net *net_ns;
  struct time_namespace *time_ns_for_children;
  struct time_namespace *time_ns;
};

struct cred {
  struct object object;
  struct user_namespace *user_ns;
};

struct path {
  char at; /* only where it is counts */
};
struct fs_struct {
  struct object object;
  struct path root, pwd;
};

struct task_struct {
  struct object object;
  struct nsproxy *nsproxy;
  struct fs_struct *fs;
  union {
    const struct cred *cred;
    const struct cred *real_cred;
  };
};

struct pid;
struct inode;
struct file {
  void *private_data; /* of a pidfd: its struct pid */
  void *shim_file;
};
struct fd {
  struct file *file;
};

struct nsset {
  unsigned flags;
  struct nsproxy *nsproxy;
  struct fs_struct *fs;
  const struct cred *cred;
};

struct proc_ns_operations {
  int type;
  int (*install)(struct nsset *nsset, struct ns_common *ns);
};

/* Never used here: impl starts with namespaces of its own. Small, so that each core has them. */
static struct uts_namespace init_uts_ns;
static struct ipc_namespace init_ipc_ns;
static struct pid_namespace init_pid_ns;
static struct net init_net;
static struct cgroup_namespace init_cgroup_ns;
static struct time_namespace init_time_ns;

/* -- memory and counts -- */

struct kmem_cache;
typedef unsigned gfp_t;
enum {
  GFP_KERNEL = 1,
  GFP_KERNEL_ACCOUNT = 2,
  SLAB_PANIC = 1,
  SLAB_ACCOUNT = 2,
  SLAB_HWCACHE_ALIGN = 4
};
#define KMEM_CACHE(name, flags) shim_cache(#name, sizeof(struct name))
struct kmem_cache *shim_cache(const char *name, size_t size);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *object);

void refcount_set(refcount_t *count, int n);
void refcount_inc(refcount_t *count);
bool refcount_dec_and_test(refcount_t *count);
u32 refcount_read(const refcount_t *count);
#define atomic_set refcount_set
#define atomic_inc refcount_inc
#define atomic_dec_and_test refcount_dec_and_test
#define atomic_read refcount_read

/* -- namespaces: copied, counted -- */

struct mnt_namespace *copy_mnt_ns(u64 flags, struct mnt_namespace *old,
                                  struct user_namespace *user_ns, struct fs_struct *new_fs);
struct uts_namespace *copy_utsname(u64 flags, struct user_namespace *user_ns,
                                   struct uts_namespace *old);
struct ipc_namespace *copy_ipcs(u64 flags, struct user_namespace *user_ns,
                                struct ipc_namespace *old);
struct pid_namespace *copy_pid_ns(u64 flags, struct user_namespace *user_ns,
                                  struct pid_namespace *old);
struct cgroup_namespace *copy_cgroup_ns(u64 flags, struct user_namespace *user_ns,
                                        struct cgroup_namespace *old);
struct net *copy_net_ns(u64 flags, struct user_namespace *user_ns, struct net *old);
struct time_namespace *copy_time_ns(u64 flags, struct user_namespace *user_ns,
                                    struct time_namespace *old);

void put_mnt_ns(struct mnt_namespace *ns);
void put_uts_ns(struct uts_namespace *ns);
void put_ipc_ns(struct ipc_namespace *ns);
void put_pid_ns(struct pid_namespace *ns);
void put_cgroup_ns(struct cgroup_namespace *ns);
void put_net(struct net *ns);
void put_time_ns(struct time_namespace *ns);
void put_user_ns(struct user_namespace *ns); /* null is fine */

void shim_get_ns(struct ns_common *ns);
#define SHIM_GET(function, type)                         \
  static inline struct type *function(struct type *ns) { \
    shim_get_ns((struct ns_common *)ns);                 \
    return ns;                                           \
  }
SHIM_GET(get_uts_ns, uts_namespace)
SHIM_GET(get_ipc_ns, ipc_namespace)
SHIM_GET(get_pid_ns, pid_namespace)
SHIM_GET(get_cgroup_ns, cgroup_namespace)
SHIM_GET(get_net, net)
SHIM_GET(get_time_ns, time_namespace)
SHIM_GET(get_user_ns, user_namespace)
SHIM_GET(shim_get_mnt_ns, mnt_namespace)
#define get_mnt_ns(ns) ((void)shim_get_mnt_ns(ns))

void timens_on_fork(struct nsproxy *nsproxy, struct task_struct *task);
void timens_commit(struct task_struct *task, struct time_namespace *ns);

/* Uses, from 6.19 on. */
void shim_active_get(struct ns_common *ns);
void shim_active_put(struct ns_common *ns);
#define ns_ref_active_get(namespace) shim_active_get((struct ns_common *)(namespace))
#define ns_ref_active_put(namespace) shim_active_put((struct ns_common *)(namespace))
void nsproxy_ns_active_get(struct nsproxy *nsproxy);
void nsproxy_ns_active_put(struct nsproxy *nsproxy);

/* -- tasks, credentials, fs -- */

#define current shim_current()
struct task_struct *shim_current(void);
void task_lock(struct task_struct *task);
void task_unlock(struct task_struct *task);
void rcu_read_lock(void);
void rcu_read_unlock(void);
#define rcu_dereference(pointer) (pointer)
#define rcu_access_pointer(pointer) (pointer)
#define rcu_assign_pointer(pointer, value) ((void)((pointer) = (value)))
#define lockdep_assert_held(lock) ((void)0)

typedef int class_rcu_t;
static inline class_rcu_t class_rcu_constructor(void) { return rcu_read_lock(), 1; }
static inline void class_rcu_destructor(class_rcu_t *held) { rcu_read_unlock(); }
typedef struct task_struct *class_task_lock_t;
static inline class_task_lock_t class_task_lock_constructor(struct task_struct *task) {
  task_lock(task);
  return task;
}
static inline void class_task_lock_destructor(class_task_lock_t *task) { task_unlock(*task); }

enum { PIDTYPE_PID, PIDTYPE_TGID };
struct task_struct *pid_task(struct pid *pid, int type);
struct pid_namespace *task_active_pid_ns(struct task_struct *task);

enum { PTRACE_MODE_READ = 1, PTRACE_MODE_FSCREDS = 8, PTRACE_MODE_REALCREDS = 16 };
#define PTRACE_MODE_READ_FSCREDS (PTRACE_MODE_READ | PTRACE_MODE_FSCREDS)
#define PTRACE_MODE_READ_REALCREDS (PTRACE_MODE_READ | PTRACE_MODE_REALCREDS)
bool ptrace_may_access(struct task_struct *task, unsigned mode);

bool ns_capable(struct user_namespace *ns, int cap);
static inline const struct cred *__task_cred(const struct task_struct *task) { return task->cred; }
#define task_cred_xxx(task, member) (__task_cred(task)->member)
static inline const struct cred *current_cred(void) { return current->cred; }
static inline struct user_namespace *current_user_ns(void) { return current->cred->user_ns; }
struct cred *prepare_creds(void);
int commit_creds(struct cred *cred);
void put_cred(const struct cred *cred);

struct fs_struct *copy_fs_struct(struct fs_struct *fs);
void free_fs_struct(struct fs_struct *fs);
void set_fs_root(struct fs_struct *fs, const struct path *path);
void set_fs_pwd(struct fs_struct *fs, const struct path *path);

void exit_sem(struct task_struct *task);
static inline void perf_event_namespaces(struct task_struct *task) {}

/* -- files -- */

struct file *fget(unsigned fd);
void fput(struct file *file);
static inline struct fd fdget(unsigned fd) { return (struct fd){fget(fd)}; }
static inline void fdput(struct fd f) {
  if (f.file) fput(f.file);
}
#define fd_file(f) ((f).file)
#define fd_empty(f) (!(f).file)
typedef struct fd class_fd_t;
static inline class_fd_t class_fd_constructor(int fd) { return fdget((unsigned)fd); }
static inline void class_fd_destructor(class_fd_t *f) { fdput(*f); }

bool proc_ns_file(const struct file *file);
struct inode *file_inode(const struct file *file);
struct ns_common *get_proc_ns(struct inode *inode);
struct pid *pidfd_pid(const struct file *file);

#define SYSCALL_DEFINE2(name, type1, arg1, type2, arg2) long sys_##name(type1 arg1, type2 arg2)

/* -- nsproxy.h: what the file itself expects of its header -- */

static inline void get_nsproxy(struct nsproxy *nsproxy) { refcount_inc(&nsproxy->count); }
#ifdef HAS_deactivate_nsproxy
void deactivate_nsproxy(struct nsproxy *nsproxy);
#define shim_last_put deactivate_nsproxy
#else
void free_nsproxy(struct nsproxy *nsproxy);
#define shim_last_put free_nsproxy
#endif
static inline void put_nsproxy(struct nsproxy *nsproxy) {
  if (refcount_dec_and_test(&nsproxy->count)) shim_last_put(nsproxy);
}
DEFINE_FREE(put_nsproxy, struct nsproxy *, if (!IS_ERR_OR_NULL(_T)) put_nsproxy(_T))
DEFINE_FREE(put_cred, struct cred *, if (!IS_ERR_OR_NULL(_T)) put_cred(_T))
static inline struct cred *nsset_cred(struct nsset *set) {
  return set->flags & CLONE_NEWUSER ? (struct cred *)set->cred : NULL;
}

#endif /* PROPS_SYSTEMS_LINUX_SOURCE_KERNEL_H_ */
