// Real logs of container tools on Linux 6.18: nothing diverges, and what each one comes to is
// pinned, so that a call that is no longer checked shows. Then the check that can fail: the same
// logs with one result or one flag changed, each of which must be called diverged.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <variant>
#include <vector>

#include "abi/trace.h"
#include "cli/strace/strace_log.h"
#include "model/model.h"

namespace cli::strace_log {
namespace {

struct Pin {
  std::string_view name, tool;
  std::size_t tasks, agreed, outside;
};
constexpr Pin kPins[] = {
    {"buildah", "buildah", 86, 219, 0},
    {"buildah_chroot", "buildah", 65, 168, 0},
    {"bwrap", "bwrap", 5, 57, 0},
    {"bwrap_unpriv", "setpriv", 4, 111, 9},
    {"bwrap_userns", "bwrap", 4, 62, 0},
    {"crun", "cg2.sh", 6, 60, 27},
    {"firejail", "firejail", 6, 420, 0},
    {"ip_netns", "sh", 4, 13, 8},
    {"linux-sandbox", "linux-sandbox", 4, 9, 0},
    {"linux-sandbox_plain", "linux-sandbox", 4, 9, 0},
    {"lxc", "lxc-execute", 5, 19, 0},
    {"lxc_attach", "lxc_attach.sh", 11, 34, 0},
    {"nsenter", "nsenter", 5, 13, 5},
    {"nsenter_all", "nsenter", 2, 9, 7},
    {"nspawn", "systemd-nspawn", 6, 35, 0},
    {"podman", "podman", 47, 171, 0},
    {"podman_crun", "cg2.sh", 29, 82, 27},
    {"runc", "runc", 18, 149, 0},
    {"runc_exec", "runc_exec.sh", 45, 318, 0},
    {"runc_userns", "runc", 19, 155, 0},
    {"unshare", "unshare", 5, 12, 0},
    {"unshare_boottime", "unshare", 2, 5, 0},
    {"unshare_unpriv", "setpriv", 3, 13, 9},
    // Other styles of strace: testdata/styles/record.
    {"styles/netns", "sh", 4, 13, 0},
    {"styles/pidfds", "pidfds", 7, 28, 0},
    {"styles/refusals", "setpriv", 11, 41, 5},
    {"styles/threads", "threads", 3, 19, 1},
    {"styles/unshare_raw", "unshare", 3, 8, 1},
};

std::string read_file(std::string_view name) {
  std::ifstream in("cli/strace/testdata/" + std::string(name) + ".strace", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

class RealLog : public testing::TestWithParam<Pin> {};

TEST_P(RealLog, AgreesAsPinned) {
  const Pin& pin = GetParam();
  const LogReport r = check_log(read_file(pin.name), {});
  EXPECT_EQ(r.total.diverged, 0u) << format(r, pin.name);
  EXPECT_EQ(r.total.agreed, pin.agreed) << format(r, pin.name);
  EXPECT_EQ(r.total.outside, pin.outside) << format(r, pin.name);
  EXPECT_EQ(r.tasks, pin.tasks);
  EXPECT_EQ(r.tool, pin.tool);
  EXPECT_EQ(r.unreadable_lines, 0u) << format(r, pin.name);
}

// The saved program gives on a model of its own what it gave here, and leaves it sound.
TEST_P(RealLog, SavesATraceThatReplays) {
  Options options;
  options.save = true;
  const LogReport r = check_log(read_file(GetParam().name), options);
  const auto parsed = nsabi::parse_trace(r.trace);
  const auto* trace = std::get_if<nsabi::Trace>(&parsed);
  ASSERT_NE(trace, nullptr);
  model::Model model(trace->setup);
  for (const nsabi::TraceLine& line : trace->lines) {
    const nsabi::Result result = model.apply(line.call);
    ASSERT_TRUE(line.expected.has_value());
    EXPECT_TRUE(line.expected->matches(result)) << nsabi::print(line.call);
  }
  EXPECT_TRUE(model.check().empty());
}

// One line of a log with something else in it.
struct Change {
  std::string what;
  std::size_t begin, length;  // in the log's text
  std::string instead;
};

// Whether the line holds the result of one of these calls, and where: `at` is behind ") = ".
bool has_result(std::string_view line, std::initializer_list<std::string_view> calls,
                std::size_t& at) {
  at = line.rfind("= ");
  if (at == std::string_view::npos || line[at == 0 ? 0 : at - 1] != ' ') return false;
  const std::string_view before = line.substr(0, at);
  at += 2;
  if (line.substr(at).starts_with("?") || before.find(')') == std::string_view::npos) return false;
  return std::ranges::any_of(calls, [&](std::string_view call) {
    const std::size_t found = before.find(std::string(call) + "(");
    const bool whole = found != std::string_view::npos &&
                       (found == 0 || before[found - 1] == ' ' || before[found - 1] == '>');
    return whole || before.find("<... " + std::string(call) + " resumed") != std::string_view::npos;
  });
}

// What can be wrong in one line, for every line where it would be a lie.
std::vector<Change> changes_of(const std::string& text) {
  std::vector<Change> changes;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    std::size_t at = 0;
    const auto instead = [&](std::string_view what, std::string_view result) {
      const std::size_t end_of_result = line.find(" <0.", at);
      const std::size_t length = std::min(end_of_result, line.size()) - at;
      changes.push_back({std::string(what), begin + at, length, std::string(result)});
    };
    const auto has = [&](std::string_view word) { return line.find(word) != line.npos; };
    // A descriptor of unknown origin, and a mount tree, can have reasons that no log shows.
    const bool unknown = has("setns(5<anon_inode:[pidfd]>") || has("setns(1,") || has("setns(99,");
    if (!unknown && has_result(line,
                               {"clone", "clone3", "fork", "vfork", "unshare", "setns", "setresuid",
                                "setresgid", "setuid", "setgid", "capset", "chroot", "pivot_root"},
                               at)) {
      const bool refused = line.substr(at).starts_with("-1");
      if (!refused) instead("refused", "-1 EPERM (Operation not permitted)");
      if (!refused && !has(" pivot_root(")) instead("invalid", "-1 EINVAL (Invalid argument)");
      if (refused && has("unshare(")) instead("allowed", "0");
      if (refused && has("setns(")) instead("allowed", "0");
    }
    const auto flag = [&](std::string_view from, std::string_view to) {
      const std::size_t found = line.find(from);
      if (found == std::string_view::npos || has("= -1")) return;
      changes.push_back({std::string(to), begin + found, from.size(), std::string(to)});
    };
    flag("unshare(", "unshare(0x1|");
    flag("flags=CLONE_CHILD_CLEARTID", "flags=CLONE_SIGHAND|CLONE_CHILD_CLEARTID");
    flag("flags=CLONE_NEWNS", "flags=CLONE_FS|CLONE_NEWNS");
    flag(">, CLONE_NEWNET)", ">, CLONE_NEWUTS)");
    flag(">, CLONE_NEWUTS)", ">, CLONE_NEWIPC)");
    begin = end + 1;
  }
  return changes;
}

TEST_P(RealLog, OneLieIsNoticed) {
  constexpr std::size_t kChangesTried = 150;
  const std::string text = read_file(GetParam().name);
  std::vector<Change> changes = changes_of(text);
  ASSERT_FALSE(changes.empty());
  std::mt19937 random(20250101);
  std::shuffle(changes.begin(), changes.end(), random);
  changes.resize(std::min(changes.size(), kChangesTried));
  for (const Change& c : changes) {
    std::string wrong = text;
    wrong.replace(c.begin, c.length, c.instead);
    const LogReport r = check_log(wrong, {});
    const std::size_t line =
        1 + static_cast<std::size_t>(std::count(
                text.begin(), text.begin() + static_cast<std::ptrdiff_t>(c.begin), '\n'));
    EXPECT_GT(r.total.diverged, 0u) << GetParam().name << ":" << line << ": " << c.what;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RealLog, testing::ValuesIn(kPins), [](const auto& log) {
  std::string name(log.param.name);
  for (char& c : name) {
    if (c == '-' || c == '/') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace cli::strace_log
