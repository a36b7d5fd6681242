// Input and output: see io.h.
#include "cli/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "abi/words.h"
#include "report/text.h"

namespace cli {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 30;

Failure failed(const std::string& path, int error) {
  const std::string name = input_name(path);
  switch (error) {
    case ENOENT:
      return {name + ": no such file"};
    case EISDIR:
      return {name + ": is a directory; name the files in it"};
    case EACCES:
      return {name + ": may not be read (permission denied)"};
    default:
      return {name + ": cannot be read: " + std::strerror(error)};
  }
}

// Closes on the way out what was opened here.
struct Descriptor {
  int fd = -1;
  bool opened = false;
  ~Descriptor() {
    if (opened) ::close(fd);
  }
};

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int finish(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fprintf(stderr, "error: standard output cannot be written: %s\n", std::strerror(errno));
  return kEnvironment;
}

std::string wrapped(std::span<const std::string> pieces, std::string_view first,
                    std::string_view others) {
  constexpr std::size_t kWidth = 100;
  std::string out;
  std::string line(first);
  bool fresh = true;  // nothing in this line yet
  for (const std::string& piece : pieces) {
    if (!fresh && report::width(line) + 1 + report::width(piece) > kWidth) {
      out += line + "\n";
      line = others;
      fresh = true;
    }
    line += (fresh ? "" : " ") + piece;
    fresh = false;
  }
  return out + line + "\n";
}

std::string wrapped(std::string_view text, std::string_view first, std::string_view others) {
  std::vector<std::string> words;
  nsabi::Split rest{text};
  while (rest.more) words.emplace_back(rest.next(' '));
  return wrapped(words, first, others);
}

int usage_error(std::string_view what) {
  std::fflush(stdout);  // what came before it stands before it
  std::string line = "error: " + std::string(what) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return kUsage;
}

std::optional<std::chrono::milliseconds> seconds_from(std::string_view text) {
  const auto n = nsabi::number_from<std::uint32_t>(text);
  if (!n || *n == 0) return std::nullopt;
  return std::chrono::seconds(*n);
}

std::string input_name(const std::string& path) { return path == "-" ? "standard input" : path; }

std::variant<std::string, Failure> read_input(const std::string& path) {
  Descriptor file{STDIN_FILENO};
  if (path != "-") {
    file.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file.fd < 0) return failed(path, errno);
    file.opened = true;
  }
  std::string text;
  std::size_t size = 0;
  for (;;) {
    if (text.size() < size + 65536) text.resize(2 * size + 65536);
    const ssize_t got = ::read(file.fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > kLargest) return Failure{input_name(path) + ": larger than 1 GiB; cut it"};
  }
  text.resize(size);
  return text;
}

std::variant<abi::Trace, Failure> read_trace(const std::string& path) {
  auto input = read_input(path);
  if (auto* failure = std::get_if<Failure>(&input)) return std::move(*failure);
  const std::string& text = std::get<std::string>(input);
  if (text.empty()) {
    return Failure{input_name(path) +
                   ": is empty; trace text begins with a line such as "
                   "`nsproxy-trace 1 profile=6.18`"};
  }
  auto trace = abi::parse_trace(text);
  if (const auto* error = std::get_if<abi::ParseError>(&trace)) {
    return Failure{error->to_string(input_name(path))};
  }
  return std::get<abi::Trace>(std::move(trace));
}

}  // namespace cli
