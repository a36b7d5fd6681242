// The table of names, and expressions over them. Values are those of x86-64 and arm64
// (asm-generic), which agree on every name listed but O_DIRECTORY and O_NOFOLLOW, which no rule
// asks about.
#include "cli/strace/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "abi/flags.h"

namespace cli::strace_log {
namespace {

struct Name {
  std::string_view word;
  std::uint64_t value;
};

// Sorted by word: found by binary search.
constexpr std::array kNames = {
    Name{"AT_EMPTY_PATH", 0x1000},
    Name{"AT_FDCWD", static_cast<std::uint64_t>(-100)},
    Name{"AT_SYMLINK_NOFOLLOW", 0x100},
    Name{"CLOSE_RANGE_CLOEXEC", 4},
    Name{"CLOSE_RANGE_UNSHARE", 2},
    Name{"FD_CLOEXEC", 1},
    Name{"FIOCLEX", 0x5451},
    Name{"FIONCLEX", 0x5450},
    Name{"F_DUPFD", 0},
    Name{"F_DUPFD_CLOEXEC", 1030},
    Name{"F_GETFD", 1},
    Name{"F_SETFD", 2},
    Name{"MNT_DETACH", 2},
    Name{"MNT_EXPIRE", 4},
    Name{"MNT_FORCE", 1},
    Name{"MOVE_MOUNT_F_EMPTY_PATH", 4},
    Name{"MOVE_MOUNT_T_EMPTY_PATH", 0x40},
    Name{"MS_BIND", 4096},
    Name{"MS_MOVE", 8192},
    Name{"MS_PRIVATE", 1 << 18},
    Name{"MS_RDONLY", 1},
    Name{"MS_REC", 16384},
    Name{"MS_REMOUNT", 32},
    Name{"MS_SHARED", 1 << 20},
    Name{"MS_SLAVE", 1 << 19},
    Name{"MS_UNBINDABLE", 1 << 17},
    Name{"NS_GET_ID", 0x8008b70d},
    Name{"NS_GET_MNTNS_ID", 0x8008b705},
    Name{"NS_GET_NSTYPE", 0xb703},
    Name{"NS_GET_OWNER_UID", 0xb704},
    Name{"NS_GET_PARENT", 0xb702},
    Name{"NS_GET_PID_FROM_PIDNS", 0x8004b706},
    Name{"NS_GET_PID_IN_PIDNS", 0x8004b708},
    Name{"NS_GET_TGID_FROM_PIDNS", 0x8004b707},
    Name{"NS_GET_TGID_IN_PIDNS", 0x8004b709},
    Name{"NS_GET_USERNS", 0xb701},
    Name{"NULL", 0},
    Name{"OPEN_TREE_CLOEXEC", 0x80000},
    Name{"OPEN_TREE_CLONE", 1},
    Name{"O_CLOEXEC", 0x80000},
    Name{"O_CREAT", 0100},
    Name{"O_EXCL", 0200},
    Name{"O_PATH", 010000000},
    Name{"O_RDONLY", 0},
    Name{"O_RDWR", 2},
    Name{"O_WRONLY", 1},
    Name{"PIDFD_GET_CGROUP_NAMESPACE", 0xff01},
    Name{"PIDFD_GET_IPC_NAMESPACE", 0xff02},
    Name{"PIDFD_GET_MNT_NAMESPACE", 0xff03},
    Name{"PIDFD_GET_NET_NAMESPACE", 0xff04},
    Name{"PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE", 0xff06},
    Name{"PIDFD_GET_PID_NAMESPACE", 0xff05},
    Name{"PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE", 0xff08},
    Name{"PIDFD_GET_TIME_NAMESPACE", 0xff07},
    Name{"PIDFD_GET_USER_NAMESPACE", 0xff09},
    Name{"PIDFD_GET_UTS_NAMESPACE", 0xff0a},
    Name{"PIDFD_NONBLOCK", 04000},
    Name{"PIDFD_THREAD", 0200},
    Name{"PR_CAPBSET_DROP", 24},
    Name{"PR_CAPBSET_READ", 23},
    Name{"PR_CAP_AMBIENT", 47},
    Name{"PR_CAP_AMBIENT_CLEAR_ALL", 4},
    Name{"PR_CAP_AMBIENT_IS_SET", 1},
    Name{"PR_CAP_AMBIENT_LOWER", 3},
    Name{"PR_CAP_AMBIENT_RAISE", 2},
    Name{"PR_SET_CHILD_SUBREAPER", 36},
    Name{"PR_SET_DUMPABLE", 4},
    Name{"PR_SET_KEEPCAPS", 8},
    Name{"PR_SET_SECUREBITS", 28},
    Name{"P_ALL", 0},
    Name{"P_PGID", 2},
    Name{"P_PID", 1},
    Name{"P_PIDFD", 3},
    Name{"SECBIT_KEEP_CAPS", 1 << 4},
    Name{"SECBIT_KEEP_CAPS_LOCKED", 1 << 5},
    Name{"SECBIT_NOROOT", 1 << 0},
    Name{"SECBIT_NOROOT_LOCKED", 1 << 1},
    Name{"SECBIT_NO_CAP_AMBIENT_RAISE", 1 << 6},
    Name{"SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED", 1 << 7},
    Name{"SECBIT_NO_SETUID_FIXUP", 1 << 2},
    Name{"SECBIT_NO_SETUID_FIXUP_LOCKED", 1 << 3},
    Name{"SUID_DUMP_DISABLE", 0},
    Name{"SUID_DUMP_USER", 1},
    Name{"UMOUNT_NOFOLLOW", 8},
    Name{"WEXITED", 4},
    Name{"WNOHANG", 1},
    Name{"WNOWAIT", 0x1000000},
    Name{"WSTOPPED", 2},
    Name{"WUNTRACED", 2},
    Name{"__WALL", 0x40000000},
    Name{"__WCLONE", 0x80000000},
    Name{"__WNOTHREAD", 0x20000000},
};
static_assert(std::ranges::is_sorted(kNames, {}, &Name::word));

std::optional<std::uint64_t> named(std::string_view word) {
  const auto found = std::ranges::lower_bound(kNames, word, {}, &Name::word);
  if (found != kNames.end() && found->word == word) return found->value;
  if (word.starts_with("CLONE_")) {
    if (const auto f = abi::flags_from(word, abi::FlagStyle::bits)) return f->bits();
  } else if (word.starts_with("CAP_")) {
    if (const auto c = abi::cap_from(word)) return static_cast<std::uint64_t>(*c);
  } else if (word.starts_with("SIG")) {
    if (const auto f = abi::flags_from(word, abi::FlagStyle::signal)) return f->bits();
  }
  return std::nullopt;
}

std::optional<std::uint64_t> term(std::string_view word) {
  while (word.starts_with(' ')) word.remove_prefix(1);
  while (word.ends_with(' ')) word.remove_suffix(1);
  if (word.starts_with("1<<")) {
    const auto shift = term(word.substr(3));
    if (!shift || *shift > 63) return std::nullopt;
    return std::uint64_t{1} << *shift;
  }
  if (const auto n = plain_number(word)) return n;
  return named(word);
}

// The value of the expression; words that have none make `complete` false.
std::uint64_t evaluate(std::string_view text, bool& complete) {
  std::uint64_t bits = 0;
  complete = true;
  while (true) {
    std::size_t bar = 0;
    std::string word;
    for (; bar < text.size() && text[bar] != '|'; ++bar) {
      if (text.substr(bar).starts_with("/*")) {
        const std::size_t close = text.find("*/", bar + 2);
        bar = close == std::string_view::npos ? text.size() - 1 : close + 1;
      } else {
        word += text[bar];
      }
    }
    const auto value = term(word);
    if (value) {
      bits |= *value;
    } else {
      complete = false;
    }
    if (bar >= text.size()) return bits;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace

std::optional<std::uint64_t> plain_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value, base);
  if (status != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return negative ? 0 - value : value;
}

std::optional<std::uint64_t> number(const Value& v) {
  if (v.kind != Value::Kind::word) return std::nullopt;
  bool complete = false;
  const std::uint64_t bits = evaluate(v.text, complete);
  return complete ? std::optional(bits) : std::nullopt;
}

std::optional<std::uint64_t> number(const Value* v) {
  return v == nullptr ? std::nullopt : number(*v);
}

std::uint64_t known_bits(const Value* v) {
  if (v == nullptr || v->kind != Value::Kind::word) return 0;
  bool complete = false;
  return evaluate(v->text, complete);
}

std::optional<std::int64_t> integer(const Value* v) {
  const auto bits = number(v);
  if (!bits) return std::nullopt;
  return static_cast<std::int64_t>(*bits);
}

std::optional<std::uint32_t> id(const Value* v) {
  const auto bits = number(v);
  if (!bits || (*bits > 0xffffffff && *bits != ~std::uint64_t{0})) return std::nullopt;
  return static_cast<std::uint32_t>(*bits);
}

std::optional<std::uint64_t> capabilities(const Value* v) {
  if (v == nullptr || v->kind != Value::Kind::word) return std::nullopt;
  // -X verbose: "0xfedfffff /* 1<<CAP_CHOWN|… */|0x1ff /* 1<<CAP_MAC_OVERRIDE|… */".
  std::string text;
  for (std::size_t i = 0; i < v->text.size(); ++i) {
    if (v->text.substr(i).starts_with("/*")) {
      i = std::min(v->text.find("*/", i + 2), v->text.size() - 2) + 1;
    } else if (v->text[i] != ' ') {
      text += v->text[i];
    }
  }
  const std::size_t bar = text.find('|');
  const auto low = plain_number(std::string_view(text).substr(0, bar));
  if (!low || bar == std::string::npos) return number(v);
  const auto high = plain_number(std::string_view(text).substr(bar + 1));
  return high ? std::optional(*low | *high << 32) : number(v);
}

std::int64_t outer_pid(std::string_view comment) {
  const std::size_t end = comment.find(" in strace's PID NS");
  if (end == std::string_view::npos) return 0;
  // "31282" or "31282<comm>".
  const std::string_view digits = comment.substr(0, std::min(end, comment.find('<')));
  const auto number = plain_number(digits);
  return number && *number < (std::uint64_t{1} << 31) ? static_cast<std::int64_t>(*number) : 0;
}

std::uint64_t constant(std::string_view name) { return named(name).value_or(0); }

}  // namespace cli::strace_log
