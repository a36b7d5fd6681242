// Joining by pidfd, nested pid namespaces, and what is left of a namespace whose init was killed.
// Recorded as pidfds.strace; see record.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int clone3(uint64_t flags, int* pidfd, int* tid) {
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = flags;
  args.exit_signal = SIGCHLD;
  args.pidfd = (uint64_t)(uintptr_t)pidfd;
  args.set_tid = (uint64_t)(uintptr_t)tid;
  args.set_tid_size = tid != NULL;
  return (int)syscall(SYS_clone3, &args, sizeof args);
}

static void in_child(int pidfd, int own) {
  setns(pidfd, CLONE_NEWNET | CLONE_NEWUTS);
  setns(pidfd, CLONE_NEWPID | CLONE_NEWNS);
  setns(pidfd, 0);              // EINVAL: a pidfd needs flags
  setns(pidfd, CLONE_NEWUSER);  // EINVAL: it is in it
  int tid = 77;
  int numbered = clone3(0, NULL, &tid);  // EINVAL or 77: from outside it has another number too
  if (numbered == 0) _exit(0);
  if (numbered > 0) waitpid(numbered, NULL, 0);
  setns(own, CLONE_NEWNET);
  setns(own, CLONE_NEWPID);
  _exit(0);
}

int main(void) {
  int pidfd = -1;
  int init = clone3(CLONE_PIDFD | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNS, &pidfd,
                    NULL);
  if (init == 0) {
    if (fork() == 0) {
      unshare(CLONE_NEWPID);
      if (fork() == 0 && fork() == 0) pause();
      pause();
    }
    pause();
  }
  usleep(50000);
  int own = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (fork() == 0) in_child(pidfd, own);
  wait(NULL);
  int net = ioctl(pidfd, _IO(0xff, 4), 0);
  int owner = ioctl(net, _IO(0xb7, 1));
  ioctl(net, _IO(0xb7, 2));  // EINVAL: net has no parent
  ioctl(net, _IO(0xb7, 3));
  unsigned uid;
  ioctl(owner, _IO(0xb7, 4), &uid);
  int pids = ioctl(pidfd, _IO(0xff, 5), 0);
  kill(init, SIGKILL);
  waitpid(init, NULL, 0);
  setns(pidfd, CLONE_NEWNET);  // ESRCH
  setns(net, CLONE_NEWNET);
  setns(pids, CLONE_NEWPID);
  if (fork() == 0) _exit(0);  // ENOMEM: its init is dead
  close(net);
  close(pids);
  return 0;
}
