// Each system that this machine can run against the model: standing traces and some generated
// programs. The others are skipped, with the reason. A system with known deviations has a page in
// docs/, which is current.
//
// Always the same programs, and on emulated kernels only the traces about versions:
// `nsproxy conform` takes all traces and draws new programs.
#include "props/conform/conform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "props/conform/page.h"
#include "report/terminal.h"

namespace props::conform {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// `versions`: only those about what versions and configurations differ in.
std::vector<StandingTrace> standing(bool versions) {
  std::vector<StandingTrace> out;
  for (const char* folder : {"props/corpus", "props/systems/examples"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".ns") continue;
      const auto trace = abi::parse_trace(text_of(entry.path()));
      EXPECT_TRUE(std::holds_alternative<abi::Trace>(trace)) << entry.path();
      const auto* good = std::get_if<abi::Trace>(&trace);
      if (good != nullptr && (!versions || good->setup.profile != abi::Profile())) {
        out.push_back({entry.path().stem().string(), *good});
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  return out;
}

const systems::SystemInfo* find(const std::string& name) {
  for (const systems::SystemInfo& system : systems::known_systems()) {
    if (system.name == name) return &system;
  }
  return nullptr;
}

TEST(Conformance, NothingDiffersFromTheModel) {
  const std::string name = variable("NSPROXY_SYSTEM");
  const systems::SystemInfo* system = find(name);
  ASSERT_NE(system, nullptr) << name;
  ConformOptions options;
  options.system = name;
  options.seed = 1;
  options.cases = static_cast<std::uint64_t>(std::atoi(variable("NSPROXY_CASES").c_str()));
  options.standing = standing(variable("NSPROXY_TRACES") == "versions");
  options.directory = variable("TEST_UNDECLARED_OUTPUTS_DIR");
  if (!system->deviations.empty()) {
    auto known = parse_deviations(text_of("props/systems/" + std::string(system->deviations)));
    ASSERT_TRUE(std::holds_alternative<std::vector<KnownDeviation>>(known)) << std::get<1>(known);
    options.known = std::get<0>(std::move(known));
  }
  systems::Prepared prepared =
      system->prepare({.agent = variable("NSPROXY_AGENT"), .guest = variable("NSPROXY_GUEST")});
  // To start a kernel takes longer than to run what is asked of it: once is enough.
  if (variable("NSPROXY_TRACES") == "versions" && !prepared.places.empty()) {
    prepared.places.resize(1);
  }
  options.jobs = prepared.jobs;
  const report::Report found = run_conform(prepared, options);
  const std::string text = report::to_terminal(found, {.colour = false, .tables = true});
  if (overall(found) == report::Verdict::not_run) {
    GTEST_SKIP() << found.checks.front().name << ": " << found.checks.front().reason;
  }
  EXPECT_EQ(overall(found), report::Verdict::holds);
  std::printf("%s", text.c_str());
  if (system->deviations.empty()) return;
  EXPECT_EQ(text_of("docs/" + name + ".md"), conformance_page(found, name))
      << "renew it: ./bazelw run //:nsproxy -- conform --system " << name << " --page > docs/"
      << name << ".md";
}

}  // namespace
}  // namespace props::conform
