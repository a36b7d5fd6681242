// The fallible steps of each call, in order, against abi/step.h: failing the n-th gives that step's
// errno and changes nothing, and there are as many as are written there.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "abi/step.h"
#include "model/testing/world.h"

namespace model {
namespace {

struct Steps {
  const char* header;
  const char* setup;
  const char* call;
  const char* steps;  // in order, as in abi/step.h; "uts-alloc" is the alloc of "make uts"
};

constexpr const char* kNow = "profile=6.18";
constexpr const char* kPoor = "profile=6.18 uid=1000 gid=1000 caps=none";
constexpr const char* kThread =
    "t9 = t0.clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)";

#define COPIES "copy_files copy_fs copy_sighand copy_signal copy_mm "
#define LATE "alloc_pid pid_number cgroup_fork fatal_signal"
#define MAKE_USER "user-charge user-alloc user-inum user-init "
#define MAKE_ALL                                                                            \
  "mnt-charge mnt-alloc mnt-inum mnt-init uts-charge uts-alloc uts-inum "                   \
  "ipc-charge ipc-alloc ipc-inum ipc-init pid-charge pid-alloc pid-inum pid-init "          \
  "cgroup-charge cgroup-alloc cgroup-inum net-charge net-alloc net-inum net_lock net-init " \
  "time-charge time-alloc time-inum time-init "
#define ALL_FLAGS                                                                    \
  "CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|CLONE_NEWCGROUP|" \
  "CLONE_NEWTIME"

constexpr std::array kProcesses = {
    Steps{kNow, "", "t1 = t0.fork()", "dup_task prepare_creds max_threads " COPIES LATE},
    Steps{kNow, "", "t1 = t0.vfork()",
          "dup_task prepare_creds max_threads copy_files copy_fs copy_sighand copy_signal " LATE},
    Steps{kNow, "", "t1 = t0.clone(CLONE_FS|CLONE_FILES)",
          "dup_task prepare_creds max_threads copy_sighand copy_signal copy_mm " LATE},
    Steps{kNow, "", "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)",
          "dup_task max_threads copy_files copy_fs " LATE},
    // Who is not exempt from RLIMIT_NPROC: by the real uid, or by the initial user namespace.
    Steps{kPoor, "", "t1 = t0.fork()", "dup_task prepare_creds nproc max_threads " COPIES LATE},
    Steps{kPoor, "", kThread, "dup_task nproc max_threads " LATE},
    Steps{kPoor, "t0.unshare(CLONE_NEWUSER)", "t1 = t0.fork()",
          "dup_task prepare_creds nproc max_threads " COPIES LATE},
    Steps{"profile=6.18 uid=1000 caps=CAP_SYS_RESOURCE", "", "t1 = t0.fork()",
          "dup_task prepare_creds max_threads " COPIES LATE},
    Steps{"profile=6.18 uid=1000 caps=CAP_SYS_ADMIN", "", "t1 = t0.fork()",
          "dup_task prepare_creds max_threads " COPIES LATE},
    Steps{"profile=6.18 uid=0 caps=CAP_SETUID", "t0.setresuid(0, 1000, 0)", "t1 = t0.fork()",
          "dup_task prepare_creds max_threads " COPIES LATE},
    Steps{"profile=6.18 uid=0 caps=CAP_SETUID", "t0.setresuid(1000, 0, 0)", "t1 = t0.fork()",
          "dup_task prepare_creds nproc max_threads " COPIES LATE},
    // The undo list that CLONE_SYSVSEM shares.
    Steps{kNow, "", "t1 = t0.clone(CLONE_SYSVSEM)",
          "dup_task prepare_creds max_threads undo_list " COPIES LATE},
    Steps{kNow, "t0.semop()", "t1 = t0.clone(CLONE_SYSVSEM)",
          "dup_task prepare_creds max_threads " COPIES LATE},
    // User namespaces.
    Steps{kNow, "", "t1 = t0.clone(CLONE_NEWUSER)",
          "dup_task prepare_creds " MAKE_USER "cred_ucounts max_threads " COPIES LATE},
    Steps{"profile=5.13", "", "t1 = t0.clone(CLONE_NEWUSER)",
          "dup_task prepare_creds " MAKE_USER "max_threads " COPIES LATE},
    Steps{"profile=5.14", "", "t1 = t0.clone3(CLONE_NEWUSER)",
          "dup_task prepare_creds " MAKE_USER "cred_ucounts max_threads " COPIES LATE},
    // The others.
    Steps{kNow, "", "t1 = t0.clone(CLONE_NEWUTS)",
          "dup_task prepare_creds max_threads " COPIES
          "alloc_nsproxy uts-charge uts-alloc uts-inum " LATE},
    Steps{kNow, "", "t1 = t0.clone3(" ALL_FLAGS ")",
          "dup_task prepare_creds max_threads " COPIES "alloc_nsproxy " MAKE_ALL
          "alloc_pid pid_number pid_number cgroup_fork fatal_signal"},
    Steps{"profile=6.18,no-cgroup", "", "t1 = t0.clone(CLONE_NEWCGROUP)",
          "dup_task prepare_creds max_threads " COPIES "alloc_nsproxy " LATE},
    // A pending time namespace makes a new nsproxy, unless the address space is shared (6.2 on).
    Steps{kNow, "t0.unshare(CLONE_NEWTIME)", "t1 = t0.fork()",
          "dup_task prepare_creds max_threads " COPIES "alloc_nsproxy " LATE},
    Steps{kNow, "t0.unshare(CLONE_NEWTIME)", "t1 = t0.vfork()",
          "dup_task prepare_creds max_threads copy_files copy_fs copy_sighand copy_signal " LATE},
    // Pid numbers: one a level, those asked for apart.
    Steps{kNow, "", "t1 = t0.clone3(0, set_tid=[99])",
          "dup_task prepare_creds max_threads " COPIES "alloc_pid cgroup_fork fatal_signal"},
    Steps{kNow, "", "t1 = t0.clone3(CLONE_NEWPID, set_tid=[1])",
          "dup_task prepare_creds max_threads " COPIES
          "alloc_nsproxy pid-charge pid-alloc pid-inum pid-init " LATE},
    Steps{kNow, "t9 = t0.clone(CLONE_NEWPID)\nt8 = t9.clone(CLONE_NEWPID)", "t1 = t8.fork()",
          "dup_task prepare_creds max_threads " COPIES
          "alloc_pid pid_number pid_number pid_number cgroup_fork fatal_signal"},
    Steps{kNow, "", "t1, f0 = t0.clone(CLONE_PIDFD)",
          "dup_task prepare_creds max_threads " COPIES
          "alloc_pid pid_number pidfd cgroup_fork fatal_signal"},
};

constexpr std::array kMembers = {
    Steps{kNow, "", "t0.unshare(0)", ""},
    Steps{kNow, "", "t0.unshare(CLONE_FS|CLONE_FILES|CLONE_SYSVSEM|CLONE_VM)", ""},
    Steps{kNow, "t1 = t0.clone(CLONE_FS|CLONE_FILES)", "t0.unshare(CLONE_FS|CLONE_FILES)",
          "copy_fs copy_files"},
    Steps{kNow, "", "t0.unshare(CLONE_NEWUTS)", "alloc_nsproxy uts-charge uts-alloc uts-inum"},
    Steps{kNow, "", "t0.unshare(CLONE_NEWNS)",
          "copy_fs alloc_nsproxy mnt-charge mnt-alloc mnt-inum mnt-init"},
    Steps{kNow, "", "t0.unshare(CLONE_NEWUSER)", "prepare_creds " MAKE_USER "cred_ucounts"},
    Steps{"profile=5.13", "", "t0.unshare(CLONE_NEWUSER)", "prepare_creds " MAKE_USER},
    Steps{kNow, "t1 = t0.clone(CLONE_FS|CLONE_FILES)",
          "t0.unshare(CLONE_NEWUSER|CLONE_FILES|" ALL_FLAGS ")",
          "copy_fs copy_files prepare_creds " MAKE_USER "alloc_nsproxy " MAKE_ALL "cred_ucounts"},
    Steps{"profile=6.18,no-cgroup", "", "t0.unshare(CLONE_NEWCGROUP)", "alloc_nsproxy"},

    Steps{kNow, "f0 = t0.open_ns(t0, uts)", "t0.setns(f0, 0)", "alloc_nsproxy"},
    Steps{kNow, "f0 = t0.open_ns(t0, mnt)", "t0.setns(f0, 0)", "alloc_nsproxy"},
    Steps{kNow, "f0 = t0.open_pidfd(t0)", "t0.setns(f0, CLONE_NEWNS)", "alloc_nsproxy"},
    Steps{kNow, "f0 = t0.open_pidfd(t0)", "t0.setns(f0, CLONE_NEWNS|CLONE_NEWUTS)",
          "alloc_nsproxy copy_fs"},
    Steps{kNow, "t1 = t0.clone(CLONE_NEWUSER)\nf0 = t0.open_ns(t1, user)",
          "t0.setns(f0, CLONE_NEWUSER)", "alloc_nsproxy prepare_creds cred_ucounts"},
    Steps{"profile=5.13", "t1 = t0.clone(CLONE_NEWUSER)\nf0 = t0.open_ns(t1, user)",
          "t0.setns(f0, CLONE_NEWUSER)", "alloc_nsproxy prepare_creds"},
    Steps{kNow, "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWNS)\nf0 = t0.open_pidfd(t1)",
          "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWNS)",
          "alloc_nsproxy prepare_creds copy_fs cred_ucounts"},

    Steps{kNow, "", "t0.execve()", "prepare_creds alloc_mm"},
    Steps{"profile=6.1", "t0.unshare(CLONE_NEWTIME)", "t0.execve()", "prepare_creds alloc_mm"},
};

constexpr std::array kOthers = {
    Steps{kNow, "", "f0 = t0.open_ns(t0, uts)", "nsfs_inode open_file"},
    Steps{kNow, "f1 = t0.open_ns(t0, uts)", "f0 = t0.open_ns(t0, uts)", "open_file"},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)", "f1 = t0.ioctl(f0, NS_GET_USERNS)",
          "nsfs_inode open_file"},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)\nf1 = t0.open_ns(t0, user)",
          "f2 = t0.ioctl(f0, NS_GET_USERNS)", "open_file"},
    Steps{kNow, "t1 = t0.clone(CLONE_NEWPID)\nf0 = t0.open_ns(t1, pid)",
          "f1 = t0.ioctl(f0, NS_GET_PARENT)", "nsfs_inode open_file"},
    Steps{kNow, "f0 = t0.open_pidfd(t0)", "f1 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE)",
          "nsfs_inode open_file"},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)", "t0.ioctl(f0, NS_GET_NSTYPE)", ""},
    Steps{kNow, "f0 = t0.open_ns(t0, user)", "t0.ioctl(f0, NS_GET_OWNER_UID)", ""},
    Steps{kNow, "", "f0 = t0.open_pidfd(t0)", "pidfd"},
    Steps{kNow, "", "f0 = t0.open_file(socket)", "open_file"},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)", "b0 = t0.bind_ns(f0)", "alloc_mount"},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)\nb0 = t0.bind_ns(f0)", "t0.unbind_ns(b0)", ""},
    Steps{kNow, "f0 = t0.open_ns(t0, uts)", "t0.close(f0)", ""},
    Steps{kNow, "", "t0.setresuid(1000, 1000, 1000)", "prepare_creds cred_ucounts"},
    Steps{"profile=5.13", "", "t0.setresuid(1000, 1000, 1000)", "prepare_creds"},
    Steps{kNow, "", "t0.setresuid(unchanged, 1000, unchanged)", "prepare_creds"},
    Steps{kNow, "", "t0.setresuid(0, 0, unchanged)", ""},
    Steps{kNow, "", "t0.setresgid(1000, 1000, 1000)", "prepare_creds"},
    Steps{kNow, "", "t0.setresgid(0, unchanged, 0)", ""},
    Steps{kNow, "", "t0.capset(effective=full, permitted=full, inheritable=none)", "prepare_creds"},
    Steps{kNow, "", "t0.prctl(PR_CAPBSET_DROP, CAP_KILL)", "prepare_creds"},
    Steps{kNow, "", "t0.prctl(PR_CAP_AMBIENT_LOWER, CAP_KILL)", "prepare_creds"},
    Steps{kNow, "", "t0.prctl(PR_CAP_AMBIENT_CLEAR_ALL)", "prepare_creds"},
    Steps{kNow, "", "t0.prctl(PR_SET_KEEPCAPS, 1)", "prepare_creds"},
    Steps{kNow, "", "t0.prctl(PR_SET_DUMPABLE, 1)", ""},
    Steps{kNow, "", "t0.prctl(PR_SET_CHILD_SUBREAPER, 1)", ""},
    Steps{kNow, "", "t0.semop()", "undo_list"},
    Steps{kNow, "t0.semop()", "t0.semop()", ""},
    Steps{kNow, "", "t0.chroot(inside)", ""},
    Steps{kNow, "", "t0.pivot_root()", ""},
    Steps{kNow, "", "t0.set_limit(uts, 5)", ""},
    Steps{kNow, "t0.unshare(CLONE_NEWTIME)", "t0.write_timens(t0, 1, 0)", ""},
    Steps{kNow, "t0.unshare(CLONE_NEWUSER)", "t0.write_uid_map(t0, [0 0 1])", ""},
    Steps{kNow, "t0.unshare(CLONE_NEWUSER)", "t0.write_setgroups(t0, deny)", ""},
    Steps{kNow, "t1 = t0.fork()", "t0.kill(t1)", ""},
    Steps{kNow, "t1 = t0.fork()", "t0.wait(t1)", ""},
    Steps{kNow, "", "t0.exit()", ""},
    Steps{kNow, "", "t0.exit_group()", ""},
};

std::optional<abi::Step> step_from(std::string_view word) {
  for (std::size_t i = 0; i < abi::kSteps; ++i) {
    if (abi::name(static_cast<abi::Step>(i)) == word) return static_cast<abi::Step>(i);
  }
  return std::nullopt;
}

// "uts-alloc" -> ENOMEM; cred_ucounts of setns -> EINVAL.
abi::Errno errno_of(const std::string& step, const std::string& call) {
  const bool made = step.find('-') != step.npos;
  const auto word = step_from(made ? step.substr(step.find('-') + 1) : step);
  EXPECT_TRUE(word) << step;
  if (step == "cred_ucounts" && call.find(".setns(") != call.npos) return abi::Errno::kEINVAL;
  return word ? abi::errno_of(*word) : abi::Errno::kOk;
}

void check(const Steps& s) {
  SCOPED_TRACE(std::string(s.header) + "\n" + s.setup + "\n" + s.call);
  World start(s.header);
  start.run(s.setup);
  abi::Call call = read_program(s.header, s.call).lines.at(0).call;

  std::vector<std::string> steps;
  std::istringstream in(s.steps);
  for (std::string step; in >> step;) steps.push_back(step);
  for (std::size_t n = 1; n <= steps.size(); ++n) {
    SCOPED_TRACE("fault=" + std::to_string(n));
    World w(start.model());
    call.fault = static_cast<std::uint16_t>(n);
    const abi::Result r = w.apply(call);
    const std::string id = steps[n - 1] == "net_lock" ? "net-lock" : steps[n - 1];
    EXPECT_EQ(w.rule(), "STEP-" + id);
    EXPECT_EQ(r.error, errno_of(steps[n - 1], s.call));
    EXPECT_EQ(r.steps, n);
  }
  for (const std::size_t beyond : {std::size_t{0}, steps.size() + 1}) {
    World w(start.model());
    call.fault = static_cast<std::uint16_t>(beyond);
    const abi::Result r = w.apply(call);
    EXPECT_TRUE(r.ok()) << w.rule();
    EXPECT_EQ(r.steps, steps.size());
  }
}

TEST(Steps, OfMakingProcesses) {
  for (const Steps& s : kProcesses) check(s);
}
TEST(Steps, OfMovingAndExecve) {
  for (const Steps& s : kMembers) check(s);
}
TEST(Steps, OfTheOtherCalls) {
  for (const Steps& s : kOthers) check(s);
}

// The only one past which there is no way back.
TEST(Steps, OfAnExecveThatSwitchesTime) {
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t1 = t0.fork()\n"
      "t0.execve() fault=1  -> ENOMEM\n"
      "t0.execve() fault=2  -> ENOMEM");
  EXPECT_EQ(w.last().steps, 2u);
  w.run("t0.execve() fault=3  -> ENOMEM");
  EXPECT_EQ(w.last().steps, 3u);
  EXPECT_EQ(w.state(0), TaskState::none) << "it is dead, and outside has reaped it";
}

TEST(Steps, EachOccursSomewhere) {
  std::string all;
  for (const Steps& s : kProcesses) all += std::string(" ") + s.steps;
  for (const Steps& s : kMembers) all += std::string(" ") + s.steps;
  for (const Steps& s : kOthers) all += std::string(" ") + s.steps;
  for (std::size_t i = 0; i < abi::kSteps; ++i) {
    const std::string word(abi::name(static_cast<abi::Step>(i)));
    EXPECT_NE(all.find(word), all.npos) << word;
  }
}

}  // namespace
}  // namespace model
