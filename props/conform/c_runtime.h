// The part of a reproducing C program that is the same in all of them: see c_program.h.
//
// Plain C for Linux on x86-64 with no library beyond libc. Every task waits for its turn in shared
// memory, so what the program does is what the trace says, in that order. A task makes its calls
// without libc: it may share memory with others.
#pragma once

namespace props::conform {

// Up to where the program's own steps stand.
inline constexpr char kRuntimeHead[] = R"C(#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* each program needs some of what follows */

enum { SHARED_FD = 100, PROC_FD, SELF_FD, FILES_FD = 110, OUTSIDE = -1 };

struct shared {
  volatile int turn;            /* the step that is to be made */
  volatile long result[STEPS];  /* -errno, or what came back */
  struct {
    volatile int levels, number[34]; /* its numbers, outermost pid namespace first */
  } task[TASKS];
};
static struct shared *all;
static char stacks[TASKS][65536] __attribute__((aligned(16)));

static long sys(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#define SYS6(n, a, b, c, d, e, f, ...) \
  sys((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) SYS6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static void rest(long milliseconds) {
  long time[2] = {0, milliseconds * 1000000};
  CALL(SYS_nanosleep, time, 0);
}

static void done(int step, long result) {
  all->result[step] = result;
  all->turn = step + 1;
}

/* The numbers of the calling task, from the NSpid line of its status. */
static void note_numbers(int me) {
  static char text[4096];
  long fd = CALL(SYS_openat, PROC_FD, "thread-self/status", O_RDONLY);
  long size = CALL(SYS_read, fd, text, sizeof text - 1);
  int level = 0;
  CALL(SYS_close, fd);
  for (long i = 0; i + 7 < size; i++) {
    if (memcmp(text + i, "\nNSpid:", 7) != 0) continue;
    for (i += 7; i < size && text[i] != '\n' && level < 34; level++) {
      int number = 0;
      while (text[i] == '\t' || text[i] == ' ') i++;
      while (text[i] >= '0' && text[i] <= '9') number = number * 10 + text[i++] - '0';
      all->task[me].number[level] = number;
    }
    break;
  }
  all->task[me].levels = level;
}

/* The number that `target` has for `me`; one that nobody has if it has none. */
static int number_of(int me, int target) {
  int level = all->task[me].levels;
  if (target < 0 || level == 0 || all->task[target].levels < level) return 4194303;
  return all->task[target].number[level - 1];
}

/* Open files belong to no task here: they lie in sockets, and whoever needs one gets a copy. */
static void park(int file, long fd) {
  char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec io = {&byte, 1};
  struct msghdr m = {0, 0, &io, 1, control, sizeof control, 0};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  *(int *)(void *)CMSG_DATA(c) = (int)fd;
  CALL(SYS_sendmsg, FILES_FD + 2 * file, &m, 0);
  CALL(SYS_close, fd);
}
static long take(int file, int flags) {
  char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec io = {&byte, 1};
  struct msghdr m = {0, 0, &io, 1, control, sizeof control, 0};
  if (CALL(SYS_recvmsg, FILES_FD + 2 * file + 1, &m, MSG_DONTWAIT | flags) <= 0) return -EBADF;
  return *(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
}
static long borrow(int file) { return take(file, MSG_PEEK); }
static long keep(int file, long fd) {
  if (fd < 0) return fd;
  park(file, fd);
  return 0;
}
static long close_file(int file) {
  long fd = take(file, 0);
  return fd < 0 ? fd : CALL(SYS_close, fd);
}
static long with_file(int file, long number, long a, long b) {
  long fd = borrow(file);
  long result = sys(number, fd < 0 ? 1000000 : fd, a, b, 0, 0, 0);
  if (fd >= 0) CALL(SYS_close, fd);
  return result;
}

static void live(int me);
struct birth {
  int step, child, vfork;
};
static void child_main(struct birth *b) {
  struct birth mine = *b;
  note_numbers(mine.child);
  if (mine.vfork) done(mine.step, 0);
  live(mine.child);
}
/* A call that returns twice; the child leaves its parent's stack at once. */
static long bear(struct birth *b, long n, long a0, long a1, long a2, long a3, long a4) {
  register long r10 __asm__("r10") = a3;
  register long r8 __asm__("r8") = a4;
  register char *top __asm__("r12") = stacks[b->child] + sizeof stacks[0];
  register struct birth *argument __asm__("r13") = b;
  long result;
  __asm__ volatile(
      "syscall\n\ttestq %%rax, %%rax\n\tjnz 1f\n\tmovq %%r12, %%rsp\n\txorl %%ebp, %%ebp\n\t"
      "movq %%r13, %%rdi\n\tcall *%[child]\n\tud2\n1:"
      : "=a"(result)
      : "a"(n), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8), "r"(top), "r"(argument),
        [child] "r"(child_main)
      : "rcx", "r11", "memory");
  return result;
}

static long write_file(long directory, const char *path, const char *text) {
  long fd = CALL(SYS_openat, directory, path, O_WRONLY);
  if (fd < 0) return fd;
  long result = CALL(SYS_write, fd, text, strlen(text));
  CALL(SYS_close, fd);
  return result < 0 ? result : 0;
}
static const char *proc_path(int task, const char *rest) {
  static char path[128];
  snprintf(path, sizeof path, "%d/%s", task < 0 ? 0 : all->task[task].number[0], rest);
  return path;
}
static long capset_to(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  for (int i = 0; i < 2; i++) {
    data[i].effective = (uint32_t)(effective >> 32 * i);
    data[i].permitted = (uint32_t)(permitted >> 32 * i);
    data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
  }
  return CALL(SYS_capset, &header, data);
}
static long execute(int me, int step) {
  static char task[16], at[16];
  char name[] = "again", *argv[] = {name, task, at, 0}, *env[] = {0};
  snprintf(task, sizeof task, "%d", me);
  snprintf(at, sizeof at, "%d", step);
  return CALL(SYS_execveat, SELF_FD, "", argv, env, AT_EMPTY_PATH);
}
static long up_semaphore(void) {
  struct sembuf up = {0, 1, SEM_UNDO};
  long id = CALL(SYS_semget, 0x6e737079, 1, IPC_CREAT | 0666);
  return id < 0 ? id : CALL(SYS_semop, id, &up, 1);
}
static long bind_file(int file, const char *place) {
  long fd = borrow(file);
  if (fd < 0) return fd;
  long tree = CALL(SYS_open_tree, fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  long result = tree;
  if (tree >= 0) {
    result = CALL(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH);
    CALL(SYS_close, tree);
  }
  CALL(SYS_close, fd);
  return result == -ELOOP ? -EINVAL : result;
}
static long new_root(void) {
  long result = CALL(SYS_pivot_root, ".", ".");
  if (result == -EPERM) return result;
  CALL(SYS_chroot, ".");
  CALL(SYS_mount, "piv", "piv", 0, MS_BIND, 0);
  return CALL(SYS_pivot_root, "piv", "piv/old");
}
)C";

// After the program's own steps: step(), caller_of, text_of, model_of, slow_after, become_t0.
inline constexpr char kRuntimeTail[] = R"C(
static void live(int me) {
  for (;;) {
    int n = all->turn;
    if (n >= STEPS || caller_of[n] != me) {
      rest(1);
      continue;
    }
    if (n > 0 && slow_after[n - 1]) rest(50);
    long result = step(n, me);
    /* A quota may still count what is dead but not yet freed. */
    for (int again = 0; result == -ENOSPC && again < 40; again++) {
      rest(10);
      result = step(n, me);
    }
    if (all->turn == n) done(n, result);
  }
}

static void show(int task) {
  static const char *links[] = {"mnt",  "uts", "ipc", "pid_for_children", "cgroup", "net",
                                "time_for_children", "time", "pid", "user"};
  int pid = all->task[task].number[0];
  if (pid == 0) return;
  printf("t%d:", task);
  for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "%d/ns/%s", pid, links[i]);
    if (readlinkat(PROC_FD, path, target, sizeof target - 1) <= 0) continue;
    printf(" %s=%s", links[i], target);
  }
  printf("\n");
}

/* Parent of t0 and of its orphans, and the init of the pid namespace that ends with it. */
static int outside(void) {
  int waited = 0, last = -1;
  while (all->turn < STEPS) {
    int n = all->turn;
    if (n != last) waited = 0;
    last = n;
    if (caller_of[n] == OUTSIDE) {
      done(n, step(n, OUTSIDE));
    } else if (waited++ > 3000) { /* it ended in the middle of its step, or is blocked */
      done(n, 0);
    }
    rest(1);
  }
  rest(50);
  int wrong = 0;
  for (int n = 0; n < STEPS; n++) {
    long result = all->result[n];
    const char *what = result < 0 ? strerrorname_np((int)-result) : "ok";
    int same = strcmp(what, model_of[n]) == 0 && (value_of[n] < 0 || value_of[n] == result);
    printf("%c %-70s -> %s", same ? ' ' : '!', text_of[n], what);
    if (result > 0) printf(" %ld", result);
    if (!same) printf("   the model: %s", model_of[n]);
    if (!same && value_of[n] >= 0) printf(" %ld", value_of[n]);
    printf("\n");
    wrong |= !same;
  }
  for (int t = 0; t < TASKS; t++) show(t);
  printf(wrong ? "the kernel does not do what the model says\n" : "every result is the model's\n");
  fflush(stdout);
  return wrong;
}

static void need(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "cannot run here: %s: %s\n", what, strerror(errno));
  exit(3);
}

#if OWN_USER_NAMESPACE
/* Limits are set on a user namespace of its own, not on the machine's. What is made for the program
   in it is charged to another uid than the program's. */
static void enter_user_namespace(void) {
  int pipes[2];
  char byte = 0;
  need(pipe(pipes) == 0, "a pipe");
  pid_t parent = getpid(), helper = fork();
  if (helper == 0) {
    char path[64];
    int ok = read(pipes[0], &byte, 1) == 1;
    for (int i = 0; ok && i < 2; i++) {
      snprintf(path, sizeof path, "/proc/%d/%s", parent, i == 0 ? "uid_map" : "gid_map");
      ok = write_file(AT_FDCWD, path, "0 0 4294967295") == 0;
    }
    _exit(!ok);
  }
  int status = 1;
  need(unshare(CLONE_NEWUSER) == 0 && write(pipes[1], &byte, 1) == 1, "a user namespace");
  need(waitpid(helper, &status, 0) == helper && status == 0, "id maps");
  need(setresuid(-1, 1, -1) == 0 && capset_to(~0ull, ~0ull, 0) == 0, "another uid");
  need(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) == 0, "unshare");
  need(setresuid(-1, 0, -1) == 0, "root");
}
#endif

static void prepare(void) {
  need(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0, "private mounts");
  need(mount("none", "/tmp", "tmpfs", 0, 0) == 0 && chdir("/tmp") == 0, "a tmpfs");
  need(mkdir("proc", 0755) == 0 && mount("none", "proc", "proc", 0, 0) == 0, "/proc");
  need(dup2(open("proc", O_RDONLY | O_DIRECTORY), PROC_FD) == PROC_FD, "/proc");
  umask(0);
  need(mkdir("in", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("piv", 0755) == 0 &&
           mkdir("piv/old", 0755) == 0 && mkdir("old", 0755) == 0, "directories");
  for (int i = 0; i < 32; i++) {
    char path[16];
    snprintf(path, sizeof path, "b/%d", i);
    close(open(path, O_CREAT | O_WRONLY, 0644));
  }
  need(syscall(SYS_pivot_root, ".", "old") == 0 && chdir("/") == 0, "a root");
  signal(SIGCHLD, SIG_IGN);
}

int main(int argc, char **argv) {
  if (argc == 3) { /* after execve */
    all = mmap(0, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
    if (all == MAP_FAILED) return 1;
    note_numbers(atoi(argv[1]));
    done(atoi(argv[2]), 0);
    live(atoi(argv[1]));
  }
  need(dup2(memfd_create("shared", 0), SHARED_FD) == SHARED_FD, "memory");
  need(ftruncate(SHARED_FD, sizeof *all) == 0, "memory");
  all = mmap(0, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
  need(dup2(open("/proc/self/exe", O_RDONLY), SELF_FD) == SELF_FD, "/proc/self/exe");
  for (int i = 0; i < FILES; i++) {
    int pair[2];
    need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "a socket");
    need(dup2(pair[0], FILES_FD + 2 * i) >= 0 && dup2(pair[1], FILES_FD + 2 * i + 1) >= 0, "dup2");
    close(pair[0]);
    close(pair[1]);
  }
#if OWN_USER_NAMESPACE
  enter_user_namespace();
#else
  need(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) == 0, "unshare (run it as root)");
#endif
  pid_t init = fork();
  if (init == 0) {
    prepare();
    pid_t t0 = fork();
    if (t0 == 0) {
      signal(SIGCHLD, SIG_DFL);
      become_t0();
      prctl(PR_SET_DUMPABLE, 1);
      note_numbers(0);
      live(0);
    }
    while (all->task[0].levels == 0) rest(1);
    _exit(outside());
  }
  int status = 0;
  waitpid(init, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
)C";

}  // namespace props::conform
