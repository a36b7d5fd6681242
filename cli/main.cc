// `nsproxy COMMAND …`: finds the command and runs it.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "abi/words.h"
#include "cli/commands.h"
#include "cli/io.h"

namespace cli {
namespace {

constexpr std::string_view kAbout =
    "nsproxy COMMAND ...\n\n"
    "A checked model of Linux namespaces: what fork, clone, unshare, setns, execve and exit do "
    "with "
    "them.\n\n";

constexpr std::string_view kClosing =
    "\n`nsproxy help COMMAND` says more. Paths are relative to where you stand; - is standard "
    "input.\n"
    "Exit status: 0 all holds, 1 something diverges or is violated, 2 wrong usage or input,\n"
    "3 this machine cannot.\n";

std::string help() {
  std::string out(kAbout);
  std::size_t column = 0;
  for (const Command& c : commands()) column = std::max(column, c.name.size());
  for (const Command& c : commands()) {
    out += "  " + std::string(c.name) + std::string(column - c.name.size() + 2, ' ') +
           std::string(c.says) + "\n";
  }
  return out + std::string(kClosing);
}

const Command* find(std::string_view name) {
  for (const Command& c : commands()) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

int unknown(std::string_view name) {
  if (name.starts_with("-")) {
    return usage_error("unknown option " + nsabi::quoted(name) +
                       "; a command comes first: nsproxy --help lists them");
  }
  std::vector<std::string_view> names{"help"};
  for (const Command& c : commands()) names.push_back(c.name);
  const std::string_view near = nsabi::nearest(name, names);
  return usage_error(
      "unknown command " + nsabi::quoted(name) +
      (near.empty() ? "; nsproxy --help lists them" : "; did you mean " + std::string(near) + "?"));
}

int run(Arguments args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print(help());
    return kHolds;
  }
  std::string_view name = args[0];
  Arguments rest = args.subspan(1);
  static constexpr std::string_view kHelp[] = {"--help"};
  if (name == "help") {
    if (rest.empty() || rest[0] == "help" || rest[0] == "--help") {
      print(help());
      return kHolds;
    }
    if (rest.size() > 1) return usage_error("help takes one command: nsproxy help COMMAND");
    name = rest[0];
    rest = kHelp;
  }
  const Command* const command = find(name);
  return command == nullptr ? unknown(name) : command->run(rest);
}

}  // namespace
}  // namespace cli

int main(int argc, char** argv) {
  // A reader who has seen enough (`| head`) is no error, even if the shell ignores the signal.
  std::signal(SIGPIPE, SIG_DFL);
  // `bazel run` changes the directory; paths mean what they mean where the user stands.
  if (const char* directory = std::getenv("BUILD_WORKING_DIRECTORY")) {
    if (::chdir(directory) != 0) {
      return cli::usage_error("BUILD_WORKING_DIRECTORY=" + std::string(directory) +
                              " is no directory; unset it");
    }
  }
  std::vector<std::string_view> args(argv + 1, argv + argc);
  return cli::finish(cli::run(args));
}
