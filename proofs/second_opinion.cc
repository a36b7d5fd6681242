// cvc5 as a child process: see second_opinion.h.
#include "proofs/second_opinion.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

namespace proofs {
namespace {

constexpr const char* kProgram = "/usr/bin/cvc5";

std::string script(const Obligation& o) {
  return "; " + o.label + "\n(set-logic ALL)\n" + o.smt + "(check-sat)\n";
}

// A file that goes with the object.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    name_ = (std::filesystem::temp_directory_path(error) / "obligations-XXXXXX.smt2").string();
    const int fd = ::mkstemps(name_.data(), 5);
    if (fd >= 0) ::close(fd);
    good_ = fd >= 0;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code error;
    if (good_) std::filesystem::remove(name_, error);
  }
  bool good() const { return good_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  bool good_ = false;
};

struct ClosePipe {
  void operator()(std::FILE* f) const { ::pclose(f); }
};

// What cvc5 says about a file of scripts, a line for each.
std::vector<std::string> lines_from_cvc5(const std::string& file, unsigned milliseconds) {
  const std::string command = std::string(kProgram) +
                              " --incremental --tlimit-per=" + std::to_string(milliseconds) + " " +
                              file + " 2>&1";
  const std::unique_ptr<std::FILE, ClosePipe> pipe(::popen(command.c_str(), "r"));
  std::vector<std::string> lines;
  if (pipe == nullptr) return lines;
  char line[512];
  while (std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    lines.emplace_back(line);
    if (lines.back().ends_with('\n')) lines.back().pop_back();
  }
  return lines;
}

}  // namespace

bool has_cvc5() { return ::access(kProgram, X_OK) == 0; }

SecondOpinion ask_cvc5(const std::vector<Obligation>& obligations, unsigned milliseconds) {
  SecondOpinion opinion;
  const Scratch scratch;
  {
    std::ofstream file(scratch.name());
    for (const Obligation& o : obligations) file << script(o) << "(reset)\n";
    if (!scratch.good() || !file.flush()) {
      opinion.unknown = "no room for a temporary file";
      return opinion;
    }
  }
  const std::vector<std::string> lines = lines_from_cvc5(scratch.name(), milliseconds);
  for (std::size_t i = 0; i < obligations.size(); ++i) {
    const std::string& label = obligations[i].label;
    if (i >= lines.size()) {
      if (opinion.unknown.empty()) opinion.unknown = label + ": no answer";
    } else if (lines[i] == "unsat") {
      ++opinion.agreed;
    } else if (lines[i] == "sat") {
      if (opinion.disagreed.empty()) opinion.disagreed = label;
    } else if (opinion.unknown.empty()) {
      opinion.unknown = label + ": " + lines[i];
    }
  }
  return opinion;
}

bool write_obligations(const std::string& directory, const std::string& theorem,
                       const std::vector<Obligation>& obligations) {
  for (std::size_t i = 0; i < obligations.size(); ++i) {
    std::ofstream file(directory + "/" + theorem + "." + std::to_string(i + 1) + ".smt2");
    file << script(obligations[i]);
    if (!file.flush()) return false;
  }
  return true;
}

}  // namespace proofs
