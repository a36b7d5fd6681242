/*
 * What a compiled kernel/nsproxy.c offers: the functions that the rest of the kernel calls.
 *
 * For C and C++. One core per source tree, linked side by side; see core.c and build_core.sh.
 */
#ifndef PROPS_SYSTEMS_LINUX_SOURCE_CORE_H_
#define PROPS_SYSTEMS_LINUX_SOURCE_CORE_H_

#ifdef __cplusplus
extern "C" {
#endif

struct cred;
struct fs_struct;
struct nsproxy;
struct task_struct;

/* Functions return 0 or a negative errno, as the kernel's do. */
struct linux_core {
  const char *version; /* "6.12.117", as the tree's Makefile has it; null without a core */
  const char *reason;  /* why there is no core, in one line; else null */

  int (*init)(void);
  int (*copy_namespaces)(unsigned long flags, struct task_struct *child);
  int (*unshare_nsproxy_namespaces)(unsigned long flags, struct nsproxy **made,
                                    struct cred *new_cred, struct fs_struct *new_fs);
  void (*switch_task_namespaces)(struct task_struct *task, struct nsproxy *to);
  void (*exit_task_namespaces)(struct task_struct *task);
  int (*exec_task_namespaces)(void); /* null before 6.2 */
  int (*setns)(int fd, int flags);
  /* One that tasks pointed at, without holders; and one that never was anybody's. */
  void (*free_nsproxy)(struct nsproxy *nsproxy);
  void (*discard_nsproxy)(struct nsproxy *nsproxy);
};

/* Debian's packages, and the tree that LINUX_SRC names. */
extern const struct linux_core linux_core_6_1;
extern const struct linux_core linux_core_6_12;
extern const struct linux_core linux_core_tree;
/* 6.12 with a mistake, to see that it is found. */
extern const struct linux_core linux_core_seeded;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PROPS_SYSTEMS_LINUX_SOURCE_CORE_H_ */
