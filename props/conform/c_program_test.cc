// The C programs that findings leave: they compile without a warning, and on the running kernel
// they show what the trace says, or that it is otherwise.
#include "props/conform/c_program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace props::conform {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

abi::Trace trace_of(const std::string& text) {
  const auto trace = abi::parse_trace(text);
  EXPECT_TRUE(std::holds_alternative<abi::Trace>(trace)) << text;
  return std::holds_alternative<abi::Trace>(trace) ? std::get<abi::Trace>(trace) : abi::Trace{};
}

int status_of(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class CProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (status_of("cc --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no cc here";
  }

  // Compiles it, as its own first comment says but stricter.
  void compile(const abi::Trace& trace, const std::string& options) {
    const char* directory = std::getenv("TEST_TMPDIR");
    program_ = (directory != nullptr ? std::string(directory) : testing::TempDir()) + "/repro";
    const std::string source = program_ + ".c";
    std::ofstream(source, std::ios::binary) << c_program(trace, "a test */ of comments");
    ASSERT_EQ(status_of("cc -Wall -Werror " + options + " -o " + program_ + " " + source), 0)
        << print(trace);
  }

  int run() { return status_of("timeout 20 " + program_ + " >" + program_ + ".out 2>&1"); }
  std::string said() { return text_of(program_ + ".out"); }

  std::string program_;
};

// Between them they have every kind of call.
TEST_F(CProgram, CompilesForAnyCall) {
  for (const char* name :
       {"props/corpus/clone3_checks_its_struct_in_order", "props/corpus/signals_to_an_init",
        "props/corpus/namespace_ioctls", "props/corpus/what_keeps_a_uts_namespace_alive",
        "props/corpus/id_maps_are_written_once_and_within_limits",
        "props/corpus/time_namespace_freezes_when_entered",
        "props/corpus/vfork_child_enters_a_time_namespace_at_execve",
        "props/systems/examples/bind_mounts", "props/systems/examples/capset_only_takes_away",
        "props/systems/examples/pivot_root_leaves_the_chroot",
        "props/systems/examples/quota_rollback_returns_charges",
        "props/systems/examples/semaphore_undo_conflict"}) {
    compile(trace_of(text_of(std::string(name) + ".ns")), "-fsyntax-only");
  }
}

TEST_F(CProgram, ShowsRefusalsOfTheRunningKernel) {
  if (geteuid() != 0) GTEST_SKIP() << "it wants to be root";
  compile(trace_of("nsproxy-trace 1 profile=6.18\n"
                   "t0.unshare(CLONE_NEWUTS|CLONE_THREAD)                        -> ok\n"
                   "t0.unshare(0x1)                                              -> EINVAL\n"
                   "t1 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)           -> ok 2\n"
                   "t1.unshare(CLONE_NEWUSER)                                    -> EINVAL\n"
                   "t0.chroot(inside)                                            -> ok\n"
                   "t2 = t0.clone(CLONE_NEWUSER|SIGCHLD)                         -> EPERM\n"
                   "f0 = t0.open_ns(t0, user)                                    -> ok\n"
                   "t0.setns(f0, CLONE_NEWUSER)                                  -> EINVAL\n"
                   "t3 = t0.fork()                                               -> ok 4\n"
                   "t3.setresuid(1000, 1000, 1000)                               -> ok\n"
                   "t3.unshare(CLONE_NEWNET)                                     -> EPERM\n"),
          "-static");
  const int status = run();
  if (status == 3) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  EXPECT_NE(said().find("every result is the model's"), std::string::npos) << said();
}

TEST_F(CProgram, SaysWhatIsOtherwise) {
  if (geteuid() != 0) GTEST_SKIP() << "it wants to be root";
  compile(trace_of("nsproxy-trace 1 profile=6.18\n"
                   "t0.unshare(CLONE_NEWUTS)  -> ok\n"
                   "t0.unshare(0x1)           -> EPERM\n"),
          "-static");
  const int status = run();
  if (status == 3) GTEST_SKIP() << said();
  EXPECT_EQ(status, 1) << said();
  EXPECT_NE(said().find("-> EINVAL   the model: EPERM"), std::string::npos) << said();
}

}  // namespace
}  // namespace props::conform
