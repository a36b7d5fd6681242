// The options and operands of a command: declared once, for reading them and for the help.
//
//     Options options("replay", "Replays trace text on the model.");
//     options.operands("TRACE", "a file of trace text, or - for standard input", traces);
//     options.value("--profile", "V", "the kernel", read_into(profile, abi::profile_from, "…"));
//     if (const std::optional<int> status = options.read(args)) return *status;
//
// Long options only (and -h), each followed by its value or joined to it by =. A lone - is an
// operand, -- ends the options. Every mistake is one line on stderr and exit status 2.
//
// Why not a library: CLI11 2.1 was tried. It splits a value such as [a,b], reads 010 as eight,
// takes
// --switch=3, names a missing operand where an unknown short option is the mistake, and costs each
// file that includes it seven seconds of compiling.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

using Arguments = std::span<const std::string_view>;

// Takes the text of a value. What it gives back is what was expected instead; nothing: it fits.
using Take = std::function<std::optional<std::string>(std::string_view)>;

// A Take that reads with `read` (text -> std::optional<T>) into `to`.
template <class To, class Read>
Take read_into(To& to, Read read, std::string expected) {
  return [&to, read, expected](std::string_view text) -> std::optional<std::string> {
    const auto value = read(text);
    if (!value) return expected;
    to = *value;
    return std::nullopt;
  };
}
// A Take that keeps the text; an empty one does not fit.
Take keep_in(std::string& to);

class Options {
 public:
  // `about`: what the command does, in a few lines; the first sentence also stands in the list of
  // commands.
  Options(std::string_view command, std::string_view about) : command_(command), about_(about) {}

  void flag(std::string_view name, std::string_view says, bool& to);
  void value(std::string_view name, std::string_view shape, std::string_view says, Take take);
  // As value, but may be given several times.
  void values(std::string_view name, std::string_view shape, std::string_view says,
              std::vector<std::string>& to);
  // The one operand.
  void operand(std::string_view shape, std::string_view says, std::string& to);
  // One or more operands.
  void operands(std::string_view shape, std::string_view says, std::vector<std::string>& to);
  // What the help ends with: examples, say.
  void closing(std::string_view text) { closing_ = text; }

  // Reads the arguments. A status: print nothing more and exit with it (help was asked for, or
  // something is wrong and has been said).
  std::optional<int> read(Arguments args);
  std::string help() const;

 private:
  struct Option {
    std::string_view name, shape, says;  // shape "": no value
    Take take;
    bool repeats = false;
    bool given = false;
  };
  std::optional<std::string> read_option(std::string_view word, Arguments& rest);
  std::optional<std::string> read_operand(std::string_view word);
  std::string unknown(std::string_view name) const;

  std::string_view command_, about_, closing_;
  std::vector<Option> options_;
  std::string_view operand_shape_, operand_says_;
  Take take_operand_;
  bool many_operands_ = false;
  std::size_t operands_given_ = 0;
};

}  // namespace cli
