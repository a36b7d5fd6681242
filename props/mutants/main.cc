// Hunts every seeded bug and prints what it took; with --write keeps the smallest programs and the
// page about them.
//
//     ./bazelw run //props/mutants:hunt [-- [--seeds N] [--programs N] [--only NAME] [--write]]
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "props/mutants/table.h"

namespace {

using namespace props;
namespace fs = std::filesystem;

struct Arguments {
  HuntOptions hunt;
  std::string only;
  bool write = false;
};

[[noreturn]] void usage() {
  std::fputs("usage: mutants [--seeds N] [--programs N] [--only NAME] [--write]\n", stderr);
  std::exit(2);
}

Arguments parse(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&]() -> const char* {
      if (++i == argc) usage();
      return argv[i];
    };
    if (word == "--write") {
      out.write = true;
    } else if (word == "--only") {
      out.only = value();
    } else if (word == "--seeds") {
      out.hunt.seeds = static_cast<unsigned>(std::strtoul(value(), nullptr, 10));
    } else if (word == "--programs") {
      out.hunt.programs = std::strtoull(value(), nullptr, 10);
    } else {
      usage();
    }
  }
  return out;
}

// `bazel run` starts a program elsewhere; the user's workspace is in the environment.
fs::path workspace() {
  const char* directory = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  return directory == nullptr ? fs::current_path() : fs::path(directory);
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file.fail()) return;
  std::fprintf(stderr, "cannot write %s\n", path.c_str());
  std::exit(1);
}

// The program that is kept, unless a smaller one was found now.
abi::Trace smallest(const impl::BugInfo& bug, const Catch& now) {
  abi::Trace kept;
  const auto parsed = abi::parse_trace(contents(workspace() / kill_file(bug)));
  if (const auto* trace = std::get_if<abi::Trace>(&parsed)) kept = *trace;
  const bool still = kill(bug, kept).check.has_value();
  if (!now.smallest) return kept;
  abi::Trace found{.setup = now.smallest->shrunk.failing.setup, .lines = {}};
  for (const abi::Call& call : now.smallest->shrunk.failing.program) {
    found.lines.push_back({.call = call, .expected = {}});
  }
  return still && kept.lines.size() <= found.lines.size() ? kept : found;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  const fs::path page = workspace() / "docs/mutants.md";
  const std::string old_page = contents(page);
  std::vector<Row> rows;
  int missed = 0;
  for (const impl::BugInfo& bug : impl::bugs()) {
    Row& row = rows.emplace_back(Row{.bug = &bug, .kill = {}, .measured = {}});
    const bool wanted = arguments.only.empty() || arguments.only == bug.name;
    Catch now;
    if (wanted && out_of_reach(bug).empty()) now = hunt(bug.bug, arguments.hunt);
    const abi::Trace trace = smallest(bug, now);
    row.kill = kill(bug, trace);
    row.measured = now.seeds != 0 ? measured(now) : measured_of(old_page, bug.name);
    if (arguments.write && row.kill.check) {
      put(workspace() / kill_file(bug), "# " + std::string(bug.says) + "\n" + print(trace));
    }
    if (!wanted) continue;
    const bool excused = !out_of_reach(bug).empty();
    if (!row.kill.check && !excused) ++missed;
    std::printf(
        "%-36s %-9s %2u/%2u seeds  median %8s calls  %-9s %2zu calls left %6.2f s\n",
        std::string(bug.name).c_str(), std::string(name(bug.group)).c_str(), now.caught, now.seeds,
        row.measured[1].c_str(),
        row.kill.check ? std::string(name(*row.kill.check)).c_str() : (excused ? "-" : "MISSED"),
        row.kill.calls, now.seconds);
    std::fflush(stdout);
  }
  if (arguments.write) put(page, mutants_page(rows));
  return missed == 0 ? 0 : 1;
}
