// docs/trace.md: its examples read, print back as they stand, and leave no call out.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "abi/trace.h"
#include "abi/trace_operands.h"

namespace nsabi {
namespace {

class TraceDoc : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("docs/trace.md");
    ASSERT_TRUE(file) << "run in the workspace's root";
    for (std::string line; std::getline(file, line);) lines_.push_back(line);
  }

  // Indented lines that look like a call, without their indentation.
  std::vector<std::string> calls() const {
    std::vector<std::string> out;
    for (const std::string& line : lines_) {
      const bool named = line.size() > 5 && std::string("tfb").find(line[4]) != std::string::npos;
      if (line.starts_with("    ") && named && std::isdigit(static_cast<unsigned char>(line[5]))) {
        out.push_back(line.substr(4));
      }
    }
    return out;
  }

  std::vector<std::string> lines_;
};

TEST_F(TraceDoc, CallsReadAndPrintBack) {
  const auto examples = calls();
  EXPECT_GT(examples.size(), op_words().size());
  for (const std::string& text : examples) {
    const auto read = parse_trace("nsproxy-trace 1 profile=6.18\n" + text);
    if (const auto* error = std::get_if<ParseError>(&read)) {
      ADD_FAILURE() << error->to_string(text);
    } else {
      EXPECT_EQ(print(std::get<Trace>(read).lines.at(0).call), text);
    }
  }
}

TEST_F(TraceDoc, EachCallHasAnExampleAndIsNamed) {
  for (const std::string_view word : op_words()) {
    const std::string in_example = "." + std::string(word) + "(";
    const std::string in_text = "`" + std::string(word) + "(";
    bool example = false;
    bool text = word == "write_gid_map";  // "`write_gid_map` likewise"
    for (const std::string& line : lines_) {
      example |= line.starts_with("    ") && line.find(in_example) != std::string::npos;
      text |= line.find(in_text) != std::string::npos;
    }
    EXPECT_TRUE(example) << word;
    EXPECT_TRUE(text) << word;
  }
}

TEST_F(TraceDoc, TheWholeTracePrintsBack) {
  std::string block;
  bool inside = false;
  for (const std::string& line : lines_) {
    if (line == "```") {
      inside = !inside;
    } else if (inside && !line.starts_with('#')) {
      block += line + '\n';
    }
  }
  const auto read = parse_trace(block);
  if (const auto* error = std::get_if<ParseError>(&read)) FAIL() << error->to_string(block);
  EXPECT_EQ(print(std::get<Trace>(read)), block);
}

TEST_F(TraceDoc, TheErrorIsWhatOneGets) {
  const std::string prefix = "    example.ns:4:12: expected ";
  for (const std::string& line : lines_) {
    if (!line.starts_with(prefix)) continue;
    const auto read = parse_call("t0.unshare(CLONE_NEWUT)");
    EXPECT_EQ(std::get<ParseError>(read).expected, line.substr(prefix.size()));
    return;
  }
  ADD_FAILURE() << "no example of an error";
}

}  // namespace
}  // namespace nsabi
