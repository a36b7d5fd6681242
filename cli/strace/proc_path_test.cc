// Paths that name something of a namespace, and their neighbours that do not.
#include "cli/strace/proc_path.h"

#include <gtest/gtest.h>

namespace cli::strace_log {
namespace {

using Who = ProcPath::Who;

TEST(ProcPath, NamesLinks) {
  const auto self = proc_path("/proc/self/ns/net");
  ASSERT_TRUE(self);
  EXPECT_EQ(self->who, Who::self);
  EXPECT_EQ(self->link, abi::NsLink::net);
  const auto pid = proc_path("/proc/31323/ns/pid_for_children");
  ASSERT_TRUE(pid);
  EXPECT_EQ(pid->pid, 31323);
  EXPECT_FALSE(pid->thread);
  EXPECT_EQ(pid->link, abi::NsLink::pid_for_children);
  const auto thread = proc_path("/proc/self/task/17/ns/mnt");
  ASSERT_TRUE(thread);
  EXPECT_TRUE(thread->thread);
  EXPECT_EQ(thread->pid, 17);
  EXPECT_EQ(proc_path("/proc/thread-self/ns/uts")->who, Who::thread_self);
  EXPECT_EQ(proc_path("/proc/self/fd/12")->fd, 12);
  EXPECT_EQ(proc_path("/proc/5/uid_map")->control, ControlFile::uid_map);
  EXPECT_EQ(proc_path("/proc/#3/setgroups")->task, 3u);
}

TEST(ProcPath, LeavesOthersAlone) {
  for (const std::string_view path :
       {"", "/", "/proc", "/proc/", "/proc/self/ns", "/proc/self/ns/xyz", "/proc/self/status",
        "/proc/0/ns/net", "/proc/99999999/ns/net", "/proc/x/ns/net", "/proc/self/task/x/ns/net",
        "/proc/self/fd/99999999999", "/etc/passwd", "proc/self/ns/net"}) {
    EXPECT_FALSE(proc_path(path)) << path;
  }
}

TEST(ProcPath, JoinsAndFolds) {
  EXPECT_EQ(join_path("/proc/5", "ns/net"), "/proc/5/ns/net");
  EXPECT_EQ(join_path("/srv", "/proc//self/./ns/../uid_map"), "/proc/self/uid_map");
  EXPECT_EQ(join_path("/", "."), "/");
  EXPECT_EQ(join_path("", "a/b"), "a/b");
  EXPECT_EQ(join_path("/a", ".."), "/");
}

TEST(ProcPath, FindsTheOwner) {
  EXPECT_EQ(proc_owner("/proc/self/ns"), "/proc/self");
  EXPECT_EQ(proc_owner("/proc/7/task/9/ns"), "/proc/7/task/9");
  EXPECT_EQ(proc_owner("/proc/sys/user"), "");
  EXPECT_EQ(proc_owner("/tmp"), "");
}

TEST(ProcPath, ReadsLimitsAndNumbers) {
  EXPECT_EQ(limit_path("/proc/sys/user/max_uts_namespaces"), abi::NsType::uts);
  EXPECT_FALSE(limit_path("/proc/sys/user/max_x_namespaces"));
  EXPECT_FALSE(limit_path("/proc/sys/user/max_namespaces"));
  EXPECT_FALSE(limit_path("/proc/sys/user/max_inotify_watches"));
  const auto ns = ns_text("net:[4026531833]");
  ASSERT_TRUE(ns);
  EXPECT_EQ(ns->type, abi::NsType::net);
  EXPECT_EQ(ns->inum, 4026531833u);
  for (const std::string_view text : {"pipe:[5]", "net:[]", "net:[0]", "net:[x]", "net:5",
                                      "/net:[5", "net:[99999999999999999999]"}) {
    EXPECT_FALSE(ns_text(text)) << text;
  }
}

}  // namespace
}  // namespace cli::strace_log
