/*
 * One core: an unmodified nsproxy.c, and the table of what it offers.
 *
 * build_core.sh compiles this with -include kernel.h and defines CORE (the table's name), VERSION
 * and, for each function that not every version has, HAS_name.
 */
#include "nsproxy.c"

#include "core.h"

static int core_copy_namespaces(unsigned long flags, struct task_struct *child)
{
  return copy_namespaces(flags, child);
}

static int core_unshare(unsigned long flags, struct nsproxy **made, struct cred *new_cred,
                        struct fs_struct *new_fs)
{
  return unshare_nsproxy_namespaces(flags, made, new_cred, new_fs);
}

static int core_setns(int fd, int flags) { return (int)sys_setns(fd, flags); }

const struct linux_core CORE = {
    .version = VERSION,
    .init = nsproxy_cache_init,
    .copy_namespaces = core_copy_namespaces,
    .unshare_nsproxy_namespaces = core_unshare,
    .switch_task_namespaces = switch_task_namespaces,
#ifdef HAS_exit_nsproxy_namespaces
    .exit_task_namespaces = exit_nsproxy_namespaces,
#else
    .exit_task_namespaces = exit_task_namespaces,
#endif
#ifdef HAS_exec_task_namespaces
    .exec_task_namespaces = exec_task_namespaces,
#endif
    .setns = core_setns,
#ifdef HAS_deactivate_nsproxy
    .free_nsproxy = deactivate_nsproxy,
#else
    .free_nsproxy = free_nsproxy,
#endif
#ifdef HAS_nsproxy_free
    .discard_nsproxy = nsproxy_free,
#else
    .discard_nsproxy = free_nsproxy,
#endif
};
