// The command as a user meets it: shell lines, what they print, and how they exit.
//
// Everything wrong that can be typed or fed gives one line on stderr and status 2; the questions
// that people ask about EPERM and EINVAL get an answer that names the rule and what helps.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string out, err;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The folder of the program under test.
std::string program_folder() {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  const char* given = std::getenv("NSPROXY_FOLDER");  // outside of Bazel
  return given != nullptr ? given
                          : std::string(runfiles == nullptr ? "" : runfiles) + "/nsproxy/cli";
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    const char* temporary = std::getenv("TEST_TMPDIR");
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(temporary == nullptr ? testing::TempDir() : temporary) /
              (std::string("cli_test_") + info->name());
    fs::create_directories(folder_);
    write("good.ns", "nsproxy-trace 1 profile=6.18\nt0.unshare(CLONE_NEWUTS) -> ok\n");
    write(
        "wrong.ns",
        "nsproxy-trace 1 profile=6.18\nt0.chroot(inside) -> ok\nt0.unshare(CLONE_NEWUSER) -> ok\n");
    write("good.strace",
          "7 execve(\"/bin/unshare\", [\"unshare\", \"-n\"], 0x7f /* 9 vars */) = 0\n"
          "7 unshare(CLONE_NEWNET) = 0\n"
          "7 +++ exited with 0 +++\n");
    write("wrong.strace",
          "7 execve(\"/bin/unshare\", [\"unshare\", \"-n\"], 0x7f /* 9 vars */) = 0\n"
          "7 unshare(CLONE_NEWNET) = -1 EINVAL (Invalid argument)\n");
  }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  // Runs a shell line in the test's folder.
  Outcome run(const std::string& line) {
    const std::string command = "cd '" + folder_.string() + "' && PATH='" + program_folder() +
                                "':$PATH && { " + line + "; } >.out 2>.err";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(folder_ / ".out"),
            contents(folder_ / ".err")};
  }

  // One clear line, and nothing on stdout.
  void expect_refused(const std::string& line, const std::string& phrase) {
    const Outcome o = run(line);
    EXPECT_EQ(o.status, 2) << line << "\n" << o.err;
    EXPECT_EQ(o.out, "") << line;
    EXPECT_TRUE(o.err.starts_with("error: ")) << line << "\n" << o.err;
    EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << line << "\n" << o.err;
    EXPECT_NE(o.err.find(phrase), std::string::npos) << line << "\n" << o.err;
  }

  void expect_answer(const std::string& line, const std::vector<std::string>& phrases,
                     int status = 0) {
    const Outcome o = run(line);
    EXPECT_EQ(o.status, status) << line << "\n" << o.err;
    EXPECT_EQ(o.err, "") << line;
    for (const std::string& phrase : phrases) {
      EXPECT_NE(o.out.find(phrase), std::string::npos) << line << "\nlacks: " << phrase << "\n"
                                                       << o.out;
    }
  }

  fs::path folder_;
};

TEST_F(Cli, HelpIsTheSameThreeWays) {
  const Outcome bare = run("nsproxy");
  EXPECT_EQ(bare.status, 0);
  EXPECT_NE(bare.out.find("replay"), std::string::npos);
  EXPECT_EQ(run("nsproxy --help").out, bare.out);
  EXPECT_EQ(run("nsproxy help").out, bare.out);
}

TEST_F(Cli, EveryCommandHasHelp) {
  for (const std::string command : {"check", "diff", "replay", "strace", "explain", "rules"}) {
    const Outcome o = run("nsproxy help " + command);
    EXPECT_EQ(o.status, 0) << command;
    EXPECT_TRUE(o.out.starts_with("nsproxy " + command)) << o.out;
    EXPECT_EQ(run("nsproxy " + command + " --help").out, o.out);
  }
}

TEST_F(Cli, WrongCommandsAreNamed) {
  expect_refused("nsproxy chekc", "did you mean check?");
  expect_refused("nsproxy frobnicate", "nsproxy --help");
  expect_refused("nsproxy ''", "unknown command");
  expect_refused("nsproxy --frobnicate", "unknown option `--frobnicate`");
  expect_refused("nsproxy help repaly", "did you mean replay?");
  expect_refused("nsproxy help rules check", "one command");
  expect_refused("BUILD_WORKING_DIRECTORY=/nowhere nsproxy rules", "BUILD_WORKING_DIRECTORY");
}

TEST_F(Cli, WrongOptionsAreNamed) {
  expect_refused("nsproxy replay --quite good.ns", "did you mean --quiet?");
  expect_refused("nsproxy replay -x good.ns", "has no option `-x`");
  expect_refused("nsproxy replay --quiet=1 good.ns", "--quiet takes no value");
  expect_refused("nsproxy explain 'fork()' --profile", "--profile needs a value");
  expect_refused("nsproxy explain --profile --chroot 'fork()'", "--profile needs a value");
  expect_refused("nsproxy explain 'fork()' --uid 1 --uid 2", "--uid is given twice");
  expect_refused("nsproxy rules good.ns", "takes no operand");
  expect_refused("nsproxy check everything", "takes no operand");
  expect_refused("nsproxy explain 'fork()' 'vfork()'", "takes one operand only");
}

TEST_F(Cli, MissingOperandsAreNamed) {
  expect_refused("nsproxy replay", "nsproxy replay needs TRACE");
  expect_refused("nsproxy replay --quiet", "nsproxy replay needs TRACE");
  expect_refused("nsproxy explain", "nsproxy explain needs CALL");
  expect_refused("nsproxy replay ''", "an empty word is given for TRACE");
}

TEST_F(Cli, UnreadableInputIsNamed) {
  expect_refused("nsproxy replay nothing.ns", "nothing.ns: no such file");
  expect_refused("nsproxy replay .", ".: is a directory");
  expect_refused("nsproxy replay good.ns/x", "good.ns/x: cannot be read");
  expect_refused("nsproxy replay /proc/self/mem", "/proc/self/mem: cannot be read");
  expect_refused("nsproxy replay - <&-", "standard input: cannot be read");
  expect_refused("nsproxy explain 'fork()' --state nothing.ns", "nothing.ns: no such file");
  if (::geteuid() != 0) {  // root may read everything
    expect_refused("chmod 0 good.ns; nsproxy replay good.ns", "good.ns: may not be read");
  }
}

TEST_F(Cli, BrokenTracesAreNamedByLineAndColumn) {
  write("empty.ns", "");
  write("binary.ns", std::string_view("\x7f"
                                      "ELF\0\1\2\xff\xfe\0",
                                      11));
  write("version.ns", "nsproxy-trace 2 profile=6.18\n");
  write("headless.ns", "t0.unshare(CLONE_NEWUTS)\n");
  write("profile.ns", "nsproxy-trace 1 profile=4.4\n");
  write("call.ns", "nsproxy-trace 1 profile=6.18\nt0.unshre(CLONE_NEWUTS)\n");
  write("flag.ns", "nsproxy-trace 1 profile=6.18\nt0.unshare(CLONE_NEWUT)\n");
  write("cut.ns", "nsproxy-trace 1 profile=6.18\nt0.unshare(CLONE_NEWU");
  expect_refused("nsproxy replay empty.ns", "empty.ns: is empty");
  expect_refused("nsproxy replay - </dev/null", "standard input: is empty");
  expect_refused("nsproxy replay binary.ns", "binary.ns:1:");
  expect_refused("nsproxy replay version.ns", "version.ns:1:15: expected");
  expect_refused("nsproxy replay headless.ns", "headless.ns:1:1: expected");
  expect_refused("nsproxy replay profile.ns", "profile.ns:1:");
  expect_refused("nsproxy replay call.ns", "call.ns:2:4: expected");
  expect_refused("nsproxy replay flag.ns", "did you mean CLONE_NEWUTS?");
  expect_refused("nsproxy replay cut.ns", "cut.ns:2:");
  expect_refused("nsproxy explain 'fork()' --state binary.ns", "binary.ns:1:");
}

TEST_F(Cli, WrongQuestionsAreNamed) {
  expect_refused("nsproxy explain ''", "an empty word is given for CALL");
  expect_refused("nsproxy explain 'unshare'", "expected");
  expect_refused("nsproxy explain 'unshare(CLONE_NEWUSR)'", "did you mean CLONE_NEWUSER?");
  expect_refused("nsproxy explain 'unshaer(0)'", "did you mean unshare?");
  expect_refused("nsproxy explain 't7.unshare(0)'", "its caller does not run");
  expect_refused("nsproxy explain 't0.wait(t9)'", "not possible here");
  expect_refused("nsproxy explain 'fork()' --profile 4.4", "--profile: `4.4` does not fit");
  expect_refused("nsproxy explain 'fork()' --uid -1", "--uid: `-1` does not fit");
  expect_refused("nsproxy explain 'fork()' --uid 4294967296", "does not fit");
  expect_refused("nsproxy explain 'fork()' --caps CAP_FOO", "--caps: `CAP_FOO` does not fit");
  expect_refused("nsproxy explain 'fork()' --limit pod", "--limit: `pod` is no namespace type");
  expect_refused("nsproxy explain 'fork()' --after 'frok()'", "--after `frok()`: column 1");
  expect_refused("nsproxy explain 'fork()' --after 't9.fork()'", "--after t1 = t9.fork()");
  expect_refused("nsproxy explain 'fork()' --own", "--own is about the file of a setns");
}

TEST_F(Cli, ReplayMarksWhatDiffers) {
  const Outcome good = run("nsproxy replay good.ns");
  EXPECT_EQ(good.status, 0);
  EXPECT_NE(good.out.find("good.ns on Linux 6.18: 1 call, 1 as expected"), std::string::npos)
      << good.out;
  const Outcome wrong = run("nsproxy replay wrong.ns");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.out.find("!     3  t0.unshare(CLONE_NEWUSER)"), std::string::npos) << wrong.out;
  EXPECT_NE(wrong.out.find("CLONE-25   expected: ok"), std::string::npos) << wrong.out;
  EXPECT_EQ(run("nsproxy replay - <good.ns").status, 0);
  // The worst of several decides, and the others are shown all the same.
  const Outcome both = run("nsproxy replay nothing.ns wrong.ns good.ns");
  EXPECT_EQ(both.status, 2);
  EXPECT_NE(both.out.find("good.ns on Linux"), std::string::npos);
}

TEST_F(Cli, StraceJudgesLogs) {
  expect_answer("nsproxy strace good.strace", {"good.strace: unshare, 1 task, 1 call checked",
                                               "1 agreed, 0 diverged", "started as uid 0"});
  expect_answer("nsproxy strace wrong.strace",
                {"DIVERGED in line 2: the kernel said EINVAL, the model says ok"}, 1);
  expect_answer("nsproxy strace --timeline - <good.strace", {"standard input: unshare", "net"});
  expect_answer("nsproxy strace --save saved.ns good.strace && nsproxy replay --quiet saved.ns",
                {"wrote saved.ns", "as expected"});
  // The worst of several decides, and the others are shown all the same.
  const Outcome several = run("nsproxy strace nothing.strace wrong.strace good.strace");
  EXPECT_EQ(several.status, 2);
  EXPECT_NE(several.out.find("good.strace: unshare"), std::string::npos) << several.out;
}

TEST_F(Cli, WhatIsNoLogIsNamed) {
  write("empty.strace", "");
  write("text.strace", "Dear diary,\ntoday I traced nothing.\n");
  write("ends.strace", "7 +++ exited with 0 +++\n");
  expect_refused("nsproxy strace", "nsproxy strace needs LOG");
  expect_refused("nsproxy strace nothing.strace", "nothing.strace: no such file");
  expect_refused("nsproxy strace empty.strace", "empty.strace: is empty; record a log with");
  expect_refused("nsproxy strace text.strace", "text.strace");
  expect_refused("nsproxy strace good.ns", "good.ns");
  expect_refused("head -c 4096 \"$(command -v nsproxy)\" | nsproxy strace -", "standard input");
  expect_refused("nsproxy conform --exec ''", "--exec: `` does not fit");
  expect_refused("nsproxy strace --as root good.strace", "--as: `root` does not fit");
  expect_refused("nsproxy strace --caps CAP_FOO good.strace", "--caps: `CAP_FOO` does not fit");
  expect_refused("nsproxy strace --save a.ns good.strace wrong.strace", "--save takes one LOG");
}

TEST_F(Cli, AReaderWhoStopsIsNoError) {
  const Outcome o = run("nsproxy rules | head -n 1; nsproxy explain 'fork()' | true");
  EXPECT_EQ(o.err, "");
  EXPECT_EQ(o.status, 0);
}

TEST_F(Cli, AFullDiskIsSaid) {
  const Outcome o = run("nsproxy rules >/dev/full");
  EXPECT_EQ(o.status, 3);
  EXPECT_NE(o.err.find("error: standard output cannot be written"), std::string::npos) << o.err;
}

TEST_F(Cli, PathsAreThoseOfTheUser) {
  fs::create_directories(folder_ / "deep");
  const Outcome o =
      run("mkdir -p deep && cd deep && BUILD_WORKING_DIRECTORY=$OLDPWD "
          "nsproxy replay good.ns");
  EXPECT_EQ(o.status, 0) << o.err;
}

TEST_F(Cli, AnswersQuestionsAboutUnshare) {
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)'",
                {"passes", "EPERM", "CLONE-25", "--chroot", "CLONE-26-uid", "--unmapped", "EINVAL",
                 "UNSHARE-03", "--threads", "CLONE-24", "seccomp"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --chroot",
                {"EPERM", "CLONE-25 in create_user_ns()", "use pivot_root", "after pivot_root()"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --threads",
                {"EINVAL", "UNSHARE-03 in check_unshare_flags()", "other threads: t1",
                 "from a forked child"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --unmapped",
                {"EPERM", "CLONE-26-uid", "uid_map", "after \"deny\" to setgroups"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --uid 1000 --limit user",
                {"ENOSPC", "CLONE-24", "after root raised user.max_user_namespaces"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWNET)' --uid 1000",
                {"EPERM", "UNSHARE-41", "uid 1000 without capabilities",
                 "with CLONE_NEWUSER: t0.unshare(CLONE_NEWUSER|CLONE_NEWNET)"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWPID)' --after 'unshare(CLONE_NEWPID)'",
                {"EINVAL", "PIDNS-01-pending in copy_pid_ns()", "from a forked child",
                 "setns back to the caller's own pid namespace"});
}

TEST_F(Cli, AnswersQuestionsAboutSetns) {
  expect_answer("nsproxy explain 't1.setns(f0, CLONE_NEWNS)' --threads",
                {"EINVAL", "SETNS-43 in mntns_install()", "after unshare(CLONE_FS)"});
  expect_answer("nsproxy explain 'setns(f0, CLONE_NEWUSER)' --own",
                {"EINVAL", "SETNS-80 in userns_install()", "the caller's own user namespace"});
  expect_answer("nsproxy explain 'setns(f0, CLONE_NEWTIME)' --threads",
                {"EUSERS", "SETNS-90 in timens_install()", "from a forked child"});
  expect_answer("nsproxy explain 'setns(f0, CLONE_NEWNET)'",
                {"passes", "SETNS-30-net-owner", "SETNS-30-net-own", "SETNS-02", "SETNS-12"});
  expect_answer("nsproxy explain 'setns(f0, 0)'", {"EBADF", "nothing opens f0 here"});
}

TEST_F(Cli, AnswersQuestionsAboutCloneAndFork) {
  expect_answer("nsproxy explain 'clone3(CLONE_NEWPID, exit_signal=200)'",
                {"EINVAL", "CLONE3-04", "with exit_signal=17 (SIGCHLD)"});
  expect_answer("nsproxy explain 'clone(CLONE_NEWNS|CLONE_FS)'",
                {"EINVAL", "CLONE-10 in copy_process()", "without CLONE_FS"});
  expect_answer("nsproxy explain 'vfork()' --profile 6.1 --after 'unshare(CLONE_NEWTIME)'",
                {"EINVAL", "CLONE-16 in copy_process(), Linux before 6.2", "as fork()",
                 "Linux 6.6, 6.12, 6.18, 6.19, 7.0: ok"});
  expect_answer("nsproxy explain 'vfork()' --profile 6.6 --after 'unshare(CLONE_NEWTIME)'",
                {"passes", "Linux 5.10, 6.1: EINVAL (CLONE-16)"});
  expect_answer("nsproxy explain 'pthread_create()' --after 'unshare(CLONE_NEWPID)'",
                {"EINVAL", "CLONE-15-pending", "perhaps before an execve"});
  expect_answer(
      "nsproxy explain 'fork()' --after 'unshare(CLONE_NEWPID)' --after 't1 = fork()' "
      "--after 't1.exit_group()'",
      {"ENOMEM", "PIDNS-10 in alloc_pid()", "init has exited"});
}

TEST_F(Cli, ExplainStartsFromATrace) {
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --state wrong.ns",
                {"EPERM", "CLONE-25", "2 calls were replayed first", "otherwise than the trace"});
  expect_answer("nsproxy explain 'unshare(CLONE_NEWUSER)' --state good.ns", {"passes"});
}

TEST_F(Cli, RulesAreListed) {
  expect_answer("nsproxy rules", {"setns", "SETNS-43  EINVAL  mntns_install", "before 6.2"});
  expect_answer("nsproxy rules --markdown", {"| 1 |", "SETNS-43"});
  EXPECT_EQ(run("nsproxy rules").out.find("STEP-"), std::string::npos);
  expect_answer("nsproxy rules --steps", {"STEP-alloc_nsproxy"});
}

TEST_F(Cli, CheckPrintsItsRowsAndWhatItWrote) {
  fs::create_directories(folder_ / "props/corpus");
  write("props/corpus/one.ns", contents(folder_ / "good.ns"));
  const std::string alone = "env -u RUNFILES_DIR -u TEST_SRCDIR nsproxy check";
  const Outcome o = run(alone + " --seconds 1 --theorem counts.files --report found");
  EXPECT_NE(o.out.find("corpus"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("wrote found/report.json"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("model = optimized"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("REF-ALIVE"), std::string::npos) << o.out << o.err;
  // Whether the agent is found depends on what else Bazel has built.
  EXPECT_NE(o.out.find(" host"), std::string::npos) << o.out << o.err;
  EXPECT_EQ(o.err, "") << "no live line but on a terminal";
  EXPECT_TRUE(fs::exists(folder_ / "found/report.xml"));
  EXPECT_NE(o.out.find("counts.files"), std::string::npos) << o.out << o.err;
  expect_refused("nsproxy check --report good.ns/x", "--report");
  expect_refused("nsproxy check --theorem none.such", "--theorem: no theorem is called none.such");
}

TEST_F(Cli, DiffRunsPrograms) {
  expect_answer("nsproxy diff --cases 50 --seed 7 --impl optimized --profile 6.1",
                {"seed: 7", "profile: 6.1", "model = optimized", "programs 50", "REF-ALIVE"});
  const Outcome o = run("nsproxy diff --cases 20 --report found");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_NE(o.out.find("model = baseline"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("model = own-ucounts"), std::string::npos) << "all by default" << o.out;
  for (const std::string file : {"found/report.json", "found/report.xml", "found/report.md"}) {
    EXPECT_NE(o.out.find("wrote " + file), std::string::npos) << o.out;
    EXPECT_TRUE(fs::exists(folder_ / file));
  }
}

TEST_F(Cli, DiffTriesEveryShortProgram) {
  expect_answer("nsproxy diff --exhaustive 1 --impl baseline --profile 6.1",
                {"profile: 6.1", "model = baseline", "every program of up to 1 of", "states"});
}

TEST_F(Cli, DiffReplaysATrace) {
  expect_answer("nsproxy diff --replay good.ns", {"model = trace", "model = optimized"});
  expect_answer("nsproxy diff --replay - <wrong.ns", {"violated", "the trace says ok"}, 1);
}

TEST_F(Cli, WrongDiffsAreNamed) {
  expect_refused("nsproxy diff --impl optimised", "did you mean optimized?");
  expect_refused("nsproxy diff --impl x", "there are baseline, optimized");
  expect_refused("nsproxy diff --cases 0", "--cases: `0` does not fit");
  expect_refused("nsproxy diff --seconds 0", "--seconds: `0` does not fit");
  expect_refused("nsproxy diff --seed x", "--seed: `x` does not fit");
  expect_refused("nsproxy diff --profile 4.4", "--profile: `4.4` does not fit");
  expect_refused("nsproxy diff --exhaustive 0", "--exhaustive: `0` does not fit");
  expect_refused("nsproxy diff --exhaustive 2 --cases 9", "leave out --cases");
  expect_refused("nsproxy diff --replay nothing.ns", "nothing.ns: no such file");
  expect_refused("nsproxy diff --report good.ns/x", "--report");
}

}  // namespace
