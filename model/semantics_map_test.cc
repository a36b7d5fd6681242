// docs/semantics_map.md: the rules and tests that it names exist, and no rule is missing there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/rule.h"

namespace model {
namespace {

struct Row {
  std::string id;
  std::vector<std::string> rules, tests;
  bool left_out = false;
};

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

// The rows that begin with an id.
std::vector<Row> rows() {
  std::ifstream in("docs/semantics_map.md");
  EXPECT_TRUE(in) << "run in the workspace's root";
  std::vector<Row> out;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| ") || !std::isupper(static_cast<unsigned char>(line[2]))) continue;
    std::vector<std::string> cells;
    std::istringstream cut(line.substr(1));
    for (std::string cell; std::getline(cut, cell, '|');) cells.push_back(cell);
    EXPECT_EQ(cells.size(), 4u) << line;
    if (cells.size() != 4) continue;
    Row row{words(cells[0]).at(0), {}, words(cells[2]), !words(cells[3]).empty()};
    for (const std::string& rule : words(cells[1])) {
      row.rules.push_back(rule.substr(1, rule.size() - 2));  // without its backticks
    }
    out.push_back(row);
  }
  return out;
}

// "Suite.Name" of every test beside this one.
std::set<std::string> tests() {
  std::set<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator("model")) {
    if (!file.path().filename().string().ends_with("_test.cc")) continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      const std::size_t open = line.find('('), comma = line.find(", ");
      const bool test = line.starts_with("TEST") || line.starts_with("RC_GTEST_PROP");
      if (!test || comma == line.npos) continue;
      const std::size_t end = line.find_first_of(",)", comma + 2);
      out.insert(line.substr(open + 1, comma - open - 1) + "." +
                 line.substr(comma + 2, end - comma - 2));
    }
  }
  return out;
}

TEST(SemanticsMap, NamesRulesThatAreThereAndLeavesNoneOut) {
  std::set<std::string> known, named;
  for (const RuleInfo& rule : rules().subspan(1)) {
    if (!rule.is_step || !rule.id.starts_with("STEP-")) known.emplace(rule.id);
  }
  for (const Row& row : rows()) named.insert(row.rules.begin(), row.rules.end());
  for (const std::string& rule : named) EXPECT_TRUE(known.contains(rule)) << rule;
  for (const std::string& rule : known) EXPECT_TRUE(named.contains(rule)) << rule;
}

TEST(SemanticsMap, NamesTestsThatAreThere) {
  const std::set<std::string> known = tests();
  EXPECT_GT(known.size(), 200u);
  for (const Row& row : rows()) {
    for (const std::string& test : row.tests) EXPECT_TRUE(known.contains(test)) << test;
  }
}

TEST(SemanticsMap, HasSomethingToSayOfEachIdOnce) {
  std::set<std::string> ids;
  for (const Row& row : rows()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id << " stands there twice";
    EXPECT_TRUE(row.left_out || !row.rules.empty() || !row.tests.empty()) << row.id;
  }
  EXPECT_GE(ids.size(), 239u + 36u) << "those of the reference, and model/README.md's";
}

}  // namespace
}  // namespace model
