// Namespaces and threads: what belongs to one thread, what several threads forbid, and an execve by
// a thread that is not the leader. Recorded as threads.strace; see record.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t barrier;

static void* second(void* unused) {
  (void)unused;
  unshare(CLONE_NEWNET);
  int own = open("/proc/thread-self/ns/net", O_RDONLY);
  int leaders = open("/proc/self/ns/net", O_RDONLY);
  setns(leaders, CLONE_NEWNET);
  setns(own, 0);
  close(own);
  close(leaders);
  unshare(CLONE_NEWUSER);  // EINVAL: threads
  unshare(CLONE_NEWPID);
  unshare(CLONE_NEWPID);  // EINVAL: twice
  if (fork() == 0) _exit(0);
  wait(NULL);
  fork();  // ENOMEM: the namespace is dead
  pthread_barrier_wait(&barrier);
  usleep(20000);
  execl("/bin/true", "true", (char*)NULL);
  return NULL;
}

int main(void) {
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_t thread;
  pthread_create(&thread, NULL, second, NULL);
  pthread_barrier_wait(&barrier);
  unshare(CLONE_NEWNS);
  unshare(0x40000000 << 1);               // EINVAL: no such flag
  setns(99, 0);                           // EBADF
  setns(1, CLONE_NEWUTS);                 // EINVAL: no namespace
  int time = open("/proc/self/ns/time", O_RDONLY);
  setns(time, CLONE_NEWTIME);             // EUSERS: threads
  setns(open("/proc/self/ns/user", O_RDONLY), CLONE_NEWUSER);  // EINVAL: it is in it
  pthread_join(thread, NULL);
  return 1;
}
