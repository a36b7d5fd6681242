// How the log's first task started: shown, told or assumed.
#include "cli/strace/start.h"

#include <gtest/gtest.h>

namespace cli::strace_log {
namespace {

Start start_of(const std::string& text, const Options& options = {}) {
  const Log log = read_log(text);
  return find_start(log, options);
}

TEST(Start, AssumesRoot) {
  const Start start = start_of("10 unshare(0) = 0\n");
  EXPECT_EQ(start.uid, 0u);
  EXPECT_EQ(start.caps, abi::kCapFull);
  EXPECT_EQ(start.note,
            "started as uid 0 (assumed) with capabilities full (assumed) on 6.18 (assumed)");
}

TEST(Start, TakesWhatItIsTold) {
  Options options;
  options.uid = 1000;
  options.profile = abi::profile_from("6.1");
  Start start = start_of("10 unshare(0) = 0\n", options);
  EXPECT_EQ(start.uid, 1000u);
  EXPECT_EQ(start.caps, 0u);
  EXPECT_EQ(abi::to_string(start.profile), "6.1");
  options.caps = abi::cap_bit(abi::cap::SYS_ADMIN);
  start = start_of("10 unshare(0) = 0\n", options);
  EXPECT_EQ(start.caps, abi::cap_bit(abi::cap::SYS_ADMIN));
}

TEST(Start, ReadsIdsUntilSomebodyChangesThem) {
  EXPECT_EQ(start_of("10 geteuid() = 1000\n").uid, 1000u);
  EXPECT_EQ(start_of("10 getresuid([7], [8], [9]) = 0\n").uid, 8u);
  EXPECT_EQ(start_of("10 getgid() = 5\n").gid, 5u);
  EXPECT_EQ(start_of("10 setuid(1000) = 0\n10 geteuid() = 1000\n").uid, 0u);
  EXPECT_EQ(start_of("10 unshare(CLONE_NEWUSER) = 0\n10 geteuid() = 65534\n").uid, 0u);
  EXPECT_FALSE(start_of("10 geteuid() = 65534\n").ids_shown) << "maybe it is not mapped";
  const std::string exec = "10 execve(\"/bin/x\", [\"x\"], 0x1 /* 1 var */) = 0\n";
  EXPECT_EQ(start_of(exec + "10 geteuid() = 65534\n").uid, 65534u) << "nobody";
}

TEST(Start, ReadsTheOneIdOfAnIdMap) {
  const std::string log =
      "10 unshare(CLONE_NEWUSER) = 0\n"
      "10 openat(AT_FDCWD, \"/proc/self/uid_map\", O_WRONLY) = 3\n"
      "10 write(3, \"0 1000 1\", 8) = 8\n"
      "10 openat(AT_FDCWD, \"/proc/self/gid_map\", O_WRONLY) = 4\n"
      "10 write(4, \"0 100 1\", 7) = 7\n";
  EXPECT_EQ(start_of(log).uid, 1000u);
  EXPECT_EQ(start_of(log).gid, 100u);
  EXPECT_EQ(start_of("10 unshare(CLONE_NEWNET) = 0\n" + log).uid, 0u);
  EXPECT_EQ(start_of("10 write(3, \"0 1000 1\", 8) = 8\n").uid, 0u);
}

TEST(Start, ReadsCapabilities) {
  const Start start = start_of(
      "10 geteuid() = 1000\n"
      "10 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_SYS_ADMIN, "
      "permitted=1<<CAP_SYS_ADMIN, inheritable=0}) = 0\n");
  EXPECT_EQ(start.caps, abi::cap_bit(abi::cap::SYS_ADMIN));
  const Start bounded = start_of("10 prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE) = 0\n");
  EXPECT_EQ(bounded.caps, abi::kCapFull & ~abi::cap_bit(abi::cap::SYS_RESOURCE));
  EXPECT_EQ(start_of("10 prctl(PR_CAPBSET_DROP, 3) = 0\n"
                     "10 prctl(PR_CAPBSET_READ, CAP_KILL) = 0\n")
                .caps,
            abi::kCapFull);
}

TEST(Start, ReadsTheKernel) {
  const Start start = start_of(
      "10 uname({sysname=\"Linux\", nodename=\"h\", release=\"6.1.0-13-amd64\", ...}) = 0\n");
  EXPECT_EQ(start.profile.version.major, 6);
  EXPECT_EQ(start.profile.version.minor, 1);
  EXPECT_EQ(start_of("10 uname({release=\"3.10.0-el7\"}) = 0\n").profile.version.major, 6);
}

TEST(Start, ReadsItsOwnNamespaces) {
  const Start start = start_of(
      "10 readlink(\"/proc/self/ns/uts\", \"uts:[4026532000]\", 64) = 16\n"
      "10 openat(AT_FDCWD</>, \"/proc/self/ns/net\", O_RDONLY) = 3<net:[4026532001]>\n"
      "10 unshare(CLONE_NEWIPC) = 0\n"
      "10 readlink(\"/proc/self/ns/ipc\", \"ipc:[4026532002]\", 64) = 16\n");
  EXPECT_EQ(start.inum[abi::index(abi::NsType::uts)], 4026532000u);
  EXPECT_EQ(start.inum[abi::index(abi::NsType::net)], 4026532001u);
  EXPECT_EQ(start.inum[abi::index(abi::NsType::ipc)], 0u);
}

}  // namespace
}  // namespace cli::strace_log
