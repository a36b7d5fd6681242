#include "model/testing/cases.h"

#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "model/testing/world.h"

namespace model {

namespace {

struct SourceLine {
  std::string text;
  std::size_t number = 0;
};

struct Block {
  SourceLine title;
  std::vector<SourceLine> lines;
};

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::vector<Block> read_blocks(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path << ": run in the workspace's root";
  std::vector<Block> blocks;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("== ")) {
      blocks.push_back({{line.substr(3), number}, {}});
    } else if (blocks.empty() || std::string_view("-+ ").find(line.front()) == std::string::npos) {
      ADD_FAILURE() << path << ":" << number << ": neither a title nor a line of a case";
    } else {
      blocks.back().lines.push_back({line, number});
    }
  }
  return blocks;
}

// One side of a patch, its repetitions written out.
std::vector<SourceLine> side_of(const std::vector<SourceLine>& lines, char side) {
  std::vector<SourceLine> out;
  std::optional<std::size_t> first;  // of a repetition
  int times = 0;
  for (const SourceLine& line : lines) {
    if (line.text.front() != ' ' && line.text.front() != side) continue;
    const std::string text = line.text.substr(1);
    if (text.starts_with("repeat ")) {
      first = out.size();
      std::from_chars(text.data() + 7, text.data() + text.size(), times);
      continue;
    }
    if (text != "end") {
      out.push_back({text, line.number});
      continue;
    }
    const std::vector<SourceLine> body(out.begin() + static_cast<std::ptrdiff_t>(first.value_or(0)),
                                       out.end());
    out.resize(first.value_or(0));
    for (int i = 0; i < times; ++i) {
      for (SourceLine copy : body) {
        replace_all(copy.text, "%i", std::to_string(i));
        replace_all(copy.text, "%j", std::to_string(i + 1));
        out.push_back(copy);
      }
    }
  }
  return out;
}

// "t1 = t0.create(F)" as a call to `call`.
void fill_in_call(std::string& text, const std::string& call) {
  const std::size_t at = text.find(".create(");
  if (at == text.npos) return;
  text.replace(at + 1, 6, call);
  const std::size_t close = text.find(')', at);
  if (call == "clone3") text.insert(close, ", exit_signal=0");
  if (call == "unshare") text.erase(0, text.find('=') + 2);
}

Script read_script(std::vector<SourceLine> lines, const std::string& call, const std::string& at) {
  SCOPED_TRACE(at);
  Script script;
  std::string header = "profile=6.18";
  std::string program;
  for (SourceLine& line : lines) {
    if (line.text.front() == '@') {
      header = line.text.substr(1);
      continue;
    }
    fill_in_call(line.text, call);
    std::string rule;
    if (const std::size_t by = line.text.find(" by "); by != line.text.npos) {
      rule = line.text.substr(by + 4);
      line.text.erase(by);
    }
    script.lines.push_back({{}, rule, line.number});
    program += line.text + '\n';
  }
  abi::Trace trace = read_program(header, program);
  script.setup = trace.setup;
  if (trace.lines.size() != script.lines.size()) {
    ADD_FAILURE() << at << ": a line is no call";
    return {};
  }
  for (std::size_t i = 0; i < trace.lines.size(); ++i) {
    script.lines[i].trace = trace.lines[i];
  }
  return script;
}

void fill_in_type(Block& block, const std::string& word) {
  const std::optional<abi::NsType> type = abi::ns_type_from(word);
  ASSERT_TRUE(type) << word;
  const std::string flag = abi::to_string(flag_of(*type), abi::FlagStyle::bits);
  const auto fill = [&](std::string& text) {
    replace_all(text, "%t", word);
    replace_all(text, "%f", flag);
  };
  fill(block.title.text);
  for (SourceLine& line : block.lines) fill(line.text);
}

}  // namespace

std::vector<Case> read_cases(const std::string& name) {
  const std::string path = "model/testdata/" + name;
  std::vector<Case> cases;
  for (const Block& block : read_blocks(path)) {
    const std::string at = path + ":" + std::to_string(block.title.number);
    std::vector<std::string> heads = words(block.title.text);
    // A plain program: its title is a sentence, which begins in lower case.
    if (std::islower(static_cast<unsigned char>(heads.front().front()))) {
      cases.push_back(
          {block.title.text, "", at, read_script(side_of(block.lines, '-'), "", at), {}});
      continue;
    }
    const auto split = std::find(heads.begin(), heads.end(), "for");
    std::vector<std::string> types(split, heads.end());
    if (types.empty()) types = {"for", "mnt"};
    for (auto type = types.begin() + 1; type != types.end(); ++type) {
      Block one = block;
      fill_in_type(one, *type);
      for (auto call = heads.begin() + 1; call != split; ++call) {
        cases.push_back({words(one.title.text).front(), *call, at,
                         read_script(side_of(one.lines, '-'), *call, at),
                         read_script(side_of(one.lines, '+'), *call, at)});
      }
    }
  }
  return cases;
}

}  // namespace model
