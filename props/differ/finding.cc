#include "props/differ/finding.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "report/files.h"

namespace props {
namespace {

std::string commented(const std::string& text) {
  std::string out = "# ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "# ";
  }
  return out + "\n";
}

std::string lines(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& line : all) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace

std::string save_trace(const std::string& directory, const std::string& file,
                       const abi::Trace& trace, const std::string& comment) {
  std::error_code ignored;  // the open below says what is wrong
  std::filesystem::path folder = directory;
  if (directory.empty()) folder = report::temporary_directory();
  std::filesystem::create_directories(folder, ignored);
  const std::string path = (folder / file).string();
  std::ofstream out(path, std::ios::binary);
  out << commented(comment) << print(trace);
  out.close();
  if (!out.fail()) return path;
  std::fprintf(stderr, "cannot write %s\n", path.c_str());
  return "";
}

std::string check_name(const Subject& subject) { return "model = " + std::string(subject.name()); }

std::string headline(const Subject& subject, const Story& story) {
  const Difference& difference = story.difference;
  std::string text = std::string(name(difference.check)) + ": " + difference.what;
  if (difference.check == Check::result) {
    text = print(story.trace.lines.back().call) + " -> model " +
           print(expectation_of(difference.reference)) + ", " + std::string(subject.name()) + " " +
           print(expectation_of(difference.subject));
  }
  return text;
}

report::Finding to_finding(const Subject& subject, const Story& story, std::uint64_t seed,
                           const std::string& file) {
  const Difference& difference = story.difference;
  report::Finding finding;
  finding.check = check_name(subject);
  finding.title = headline(subject, story);
  finding.trace = print(story.trace);
  finding.facts = {
      {"caught by",
       std::string(name(difference.check)) + ": " + std::string(says(difference.check))},
      {"difference", difference.what},
      {"model", print(expectation_of(difference.reference))},
      {std::string(subject.name()), print(expectation_of(difference.subject))},
  };
  if (!story.rule.empty()) finding.facts.push_back({"rule that decided", story.rule});
  if (!story.holders.empty()) {
    finding.facts.push_back({"who holds what", lines(story.holders)});
  }
  finding.facts.push_back({"program seed", std::to_string(seed)});
  if (!file.empty()) {
    finding.replay = "./bazelw run //:nsproxy -- diff --impl " + std::string(subject.name()) +
                     " --replay " + file;
  }
  return finding;
}

}  // namespace props
