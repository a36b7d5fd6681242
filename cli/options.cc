// Options: see options.h.
#include "cli/options.h"

#include <algorithm>

#include "abi/words.h"
#include "cli/io.h"

namespace cli {
namespace {

std::string dashes(std::string_view name, std::string_view shape) {
  return shape.empty() ? std::string(name) : std::string(name) + " " + std::string(shape);
}

// "  LEFT            says", the latter wrapped to the right of its column.
std::string row(std::string_view left, std::string_view says, std::size_t column) {
  std::string first = "  " + std::string(left);
  first.resize(std::max(first.size(), column), ' ');
  return wrapped(says, first, std::string(column, ' '));
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t") == text.npos; }

}  // namespace

Take keep_in(std::string& to) {
  return [&to](std::string_view text) -> std::optional<std::string> {
    if (blank(text)) return "some text";
    to = text;
    return std::nullopt;
  };
}

void Options::flag(std::string_view name, std::string_view says, bool& to) {
  options_.push_back({name, "", says, [&to](std::string_view) {
                        to = true;
                        return std::optional<std::string>();
                      }});
}

void Options::value(std::string_view name, std::string_view shape, std::string_view says,
                    Take take) {
  options_.push_back({name, shape, says, std::move(take)});
}

void Options::values(std::string_view name, std::string_view shape, std::string_view says,
                     std::vector<std::string>& to) {
  options_.push_back({name, shape, says,
                      [&to](std::string_view text) {
                        to.emplace_back(text);
                        return std::optional<std::string>();
                      },
                      true});
}

void Options::operand(std::string_view shape, std::string_view says, std::string& to) {
  operand_shape_ = shape;
  operand_says_ = says;
  take_operand_ = keep_in(to);
}

void Options::operands(std::string_view shape, std::string_view says,
                       std::vector<std::string>& to) {
  operand_shape_ = shape;
  operand_says_ = says;
  many_operands_ = true;
  take_operand_ = [&to](std::string_view text) {
    to.emplace_back(text);
    return std::optional<std::string>();
  };
}

std::string Options::unknown(std::string_view name) const {
  std::vector<std::string_view> names{"--help"};
  for (const Option& o : options_) names.push_back(o.name);
  const std::string_view near = nsabi::nearest(name, names);
  std::string out = "nsproxy " + std::string(command_) + " has no option " + nsabi::quoted(name);
  if (!near.empty()) return out + "; did you mean " + std::string(near) + "?";
  return out + "; nsproxy help " + std::string(command_) + " lists them";
}

std::optional<std::string> Options::read_option(std::string_view word, Arguments& rest) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [name](const Option& o) { return o.name == name; });
  if (found == options_.end()) return unknown(name);
  Option& option = *found;
  if (option.given && !option.repeats) return std::string(name) + " is given twice; once is enough";
  option.given = true;

  std::string_view value;
  if (option.shape.empty()) {
    if (equals != std::string_view::npos) return std::string(name) + " takes no value";
  } else if (equals != std::string_view::npos) {
    value = word.substr(equals + 1);
  } else if (rest.empty() || rest.front().starts_with("--")) {
    return std::string(name) + " needs a value: " + dashes(name, option.shape);
  } else {
    value = rest.front();
    rest = rest.subspan(1);
  }
  if (const auto expected = option.take(value)) {
    return std::string(name) + ": " + nsabi::quoted(value) + " does not fit; expected " + *expected;
  }
  return std::nullopt;
}

std::optional<std::string> Options::read_operand(std::string_view word) {
  if (!take_operand_ || (operands_given_ > 0 && !many_operands_)) {
    return "nsproxy " + std::string(command_) + " takes " +
           (take_operand_ ? "one operand only" : "no operand") + ", but " + nsabi::quoted(word) +
           " is given too";
  }
  ++operands_given_;
  if (blank(word)) return "an empty word is given for " + std::string(operand_shape_);
  return take_operand_(word);
}

std::optional<int> Options::read(Arguments args) {
  bool only_operands = false;
  while (!args.empty()) {
    const std::string_view word = args.front();
    args = args.subspan(1);
    std::optional<std::string> wrong;
    if (!only_operands && word == "--") {
      only_operands = true;
    } else if (!only_operands && (word == "--help" || word == "-h")) {
      print(help());
      return kHolds;
    } else if (!only_operands && word.size() > 1 && word.front() == '-') {
      wrong = read_option(word, args);
    } else {
      wrong = read_operand(word);
    }
    if (wrong) return usage_error(*wrong);
  }
  if (take_operand_ && operands_given_ == 0) {
    return usage_error("nsproxy " + std::string(command_) + " needs " +
                       std::string(operand_shape_) + ": " + std::string(operand_says_));
  }
  return std::nullopt;
}

std::string Options::help() const {
  std::string out = "nsproxy " + std::string(command_);
  std::size_t column = operand_shape_.size();
  if (take_operand_) out += " " + std::string(operand_shape_) + (many_operands_ ? "..." : "");
  for (const Option& o : options_) {
    column = std::max(column, dashes(o.name, o.shape).size());
    out += " [" + dashes(o.name, o.shape) + "]" + (o.repeats ? "..." : "");
  }
  column += 4;
  out += "\n\n" + std::string(about_) + "\n\n";
  if (take_operand_) out += row(operand_shape_, operand_says_, column);
  for (const Option& o : options_) out += row(dashes(o.name, o.shape), o.says, column);
  if (!closing_.empty()) out += "\n" + std::string(closing_) + "\n";
  return out;
}

}  // namespace cli
