#include "props/conform/c_program.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "props/conform/c_runtime.h"
#include "props/differ/names.h"
#include "props/differ/shrink.h"

namespace props::conform {
namespace {

namespace flag = abi::flag;

std::string number(std::uint64_t n) { return std::to_string(n); }
std::string hex(std::uint64_t n) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), kDigits[n % 16]);
  } while ((n /= 16) != 0);
  return "0x" + out + "ul";
}
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}
std::string pointer(abi::Pointer p, const std::string& good) {
  if (p == abi::Pointer::good) return good;
  return p == abi::Pointer::null ? "0" : "16";
}

// UAPI numbers that older headers lack are written as numbers.
std::string command(abi::NsOp op) {
  static constexpr std::string_view kCommands[] = {"_IO(0xb7, 0x7f)",
                                                   "_IO(0xb7, 1)",
                                                   "_IO(0xb7, 2)",
                                                   "_IO(0xb7, 3)",
                                                   "_IO(0xb7, 4)",
                                                   "_IOR(0xb7, 5, uint64_t)",
                                                   "_IOR(0xb7, 13, uint64_t)",
                                                   "_IOR(0xb7, 6, int)",
                                                   "_IOR(0xb7, 7, int)",
                                                   "_IOR(0xb7, 8, int)",
                                                   "_IOR(0xb7, 9, int)"};
  const auto n = static_cast<std::size_t>(op);
  if (n < std::size(kCommands)) return std::string(kCommands[n]);
  return "_IO(0xff, " + number(n - std::size(kCommands) + 1) + ")";
}

// The statements of one step: what stands in `case N:`. The number of the step is `n`, the caller
// `me`; a task operand is a number of the program, -1 for one that is not in it.
class Emit {
 public:
  explicit Emit(std::size_t step) : step_(number(step)) {}

  std::string operator()(const abi::Fork& c) const {
    return birth(c.child, {}, "SYS_clone, SIGCHLD, 0, 0, 0, 0", "");
  }
  std::string operator()(const abi::Vfork& c) const {
    return birth(c.child, flag::VFORK, "SYS_clone, CLONE_VFORK | CLONE_VM | SIGCHLD, 0, 0, 0, 0",
                 "");
  }
  std::string operator()(const abi::Clone& c) const {
    const bool pidfd = (c.flags & flag::PIDFD) == flag::PIDFD;
    const std::string word =
        pidfd ? pointer(c.pidfd_pointer, "(long)&words[0]") : "(long)&words[1]";
    return "static int words[2];\n      " +
           birth(c.child, c.flags,
                 "SYS_clone, " + hex(c.flags.bits()) + ", 0, " + word + ", (long)&words[1], 0",
                 pidfd ? "park(" + number(c.pidfd.n) + ", words[0]);" : "");
  }
  std::string operator()(const abi::Clone3& c) const {
    std::string tids;
    for (const std::int32_t tid : c.set_tid) tids += std::to_string(tid) + ", ";
    const std::string pidfd = pointer(c.pidfd_pointer, "(uint64_t)&words[0]");
    std::string out = "static int words[2], tids[34] = {" + tids + "0};\n      (void)tids;\n";
    out += "      static union { uint64_t word[11]; char bytes[8192]; } args;\n";
    out += "      const uint64_t word[11] = {" + hex(c.flags.bits()) + ", " + pidfd +
           ", (uint64_t)&words[1], " + (c.same_tid_pointer ? pidfd : "(uint64_t)&words[1]") + ", " +
           hex(c.exit_signal) + ", " + hex(c.stack) + ", " + hex(c.stack_size) + ", 0, " +
           pointer(c.set_tid_pointer, "(uint64_t)tids") + ", " + hex(c.set_tid_size) + ", " +
           hex(c.cgroup) + "};\n      memcpy(args.word, word, sizeof word);\n";
    if (c.nonzero_tail && c.size > 88) {
      out += "      args.bytes[" + number(std::min<std::uint64_t>(c.size, 4160) - 1) + "] = 1;\n";
    }
    const bool park = (c.flags & flag::PIDFD) == flag::PIDFD;
    return out + "      " +
           birth(c.child, c.flags,
                 "SYS_clone3, " + pointer(c.args, "(long)&args") + ", " + hex(c.size) + ", 0, 0, 0",
                 park ? "park(" + number(c.pidfd.n) + ", words[0]);" : "");
  }
  std::string operator()(const abi::Unshare& c) const {
    return "return CALL(SYS_unshare, " + hex(c.flags.bits()) + ");";
  }
  std::string operator()(const abi::Setns& c) const {
    return "return with_file(" + number(c.file.n) + ", SYS_setns, " + hex(c.flags.bits()) + ", 0);";
  }
  std::string operator()(const abi::Execve&) const { return "return execute(me, " + step_ + ");"; }
  std::string operator()(const abi::Exit& c) const {
    return "done(" + step_ + ", 0);\n      return CALL(" +
           (c.group ? "SYS_exit_group" : "SYS_exit") + ", 0);";
  }
  std::string operator()(const abi::Kill& c) const {
    return "return CALL(SYS_kill, number_of(me, " + number(c.target.n) + "), SIGKILL);";
  }
  std::string operator()(const abi::Wait& c) const {
    return "long got = CALL(SYS_wait4, number_of(me, " + number(c.child.n) +
           "), 0, __WALL | WNOHANG, 0);\n      return got > 0 ? 1 : got;";
  }
  std::string operator()(const abi::OpenNs& c) const {
    const std::string link(abi::name(c.link));
    return "return keep(" + number(c.file.n) + ", CALL(SYS_openat, PROC_FD, proc_path(" +
           number(c.target.n) + ", \"ns/" + link + "\"), " + (c.o_path ? "O_PATH" : "O_RDONLY") +
           "));";
  }
  std::string operator()(const abi::OpenPidfd& c) const {
    return "return keep(" + number(c.file.n) + ", CALL(SYS_pidfd_open, number_of(me, " +
           number(c.target.n) + "), " + (c.thread ? "O_EXCL" : "0") + "));";
  }
  std::string operator()(const abi::OpenFile& c) const {
    std::string open = "CALL(SYS_openat, PROC_FD, \"version\", O_RDONLY)";
    if (c.kind == abi::FileKind::socket) open = "CALL(SYS_socket, AF_UNIX, SOCK_DGRAM, 0)";
    if (c.kind == abi::FileKind::cgroupfs) {
      open = "CALL(SYS_openat, AT_FDCWD, \"/old/sys/fs/cgroup/cgroup.procs\", O_RDONLY)";
    }
    if (c.kind == abi::FileKind::proc_dir) {
      open = "CALL(SYS_openat, PROC_FD, proc_path(" + number(c.target.n) + ", \"\"), O_RDONLY)";
    }
    return "return keep(" + number(c.file.n) + ", " + open + ");";
  }
  std::string operator()(const abi::Close& c) const {
    return "return close_file(" + number(c.file.n) + ");";
  }
  std::string operator()(const abi::BindNs& c) const {
    return "return bind_file(" + number(c.file.n) + ", \"b/" + number(c.bind.n % 32) + "\");";
  }
  std::string operator()(const abi::UnbindNs& c) const {
    return "return CALL(SYS_umount2, \"b/" + number(c.bind.n % 32) + "\", MNT_DETACH);";
  }
  std::string operator()(const abi::NsIoctl& c) const {
    const bool makes = c.op == abi::NsOp::get_userns || c.op == abi::NsOp::get_parent ||
                       c.op >= abi::NsOp::pidfd_get_cgroup;
    const bool writes = c.op == abi::NsOp::get_owner_uid || c.op == abi::NsOp::get_mntns_id ||
                        c.op == abi::NsOp::get_id;
    std::string out = writes ? "uint64_t answer = 0;\n      " : "";
    const std::string arg =
        writes ? pointer(c.pointer, "(long)&answer") : std::to_string(c.arg) + "l";
    const std::string call =
        "with_file(" + number(c.file.n) + ", SYS_ioctl, " + command(c.op) + ", " + arg + ")";
    if (makes) return "return keep(" + number(c.made.n) + ", " + call + ");";
    if (!writes) return "return " + call + ";";
    return out + "long result = " + call + ";\n      return result < 0 ? result : (long)answer;";
  }
  std::string operator()(const abi::Chroot& c) const {
    return std::string("return CALL(SYS_chroot, ") +
           (c.place == abi::RootPlace::inside ? "\"in\"" : "\".\"") + ");";
  }
  std::string operator()(const abi::PivotRoot&) const { return "return new_root();"; }
  std::string operator()(const abi::Setresuid& c) const {
    return "return CALL(SYS_setresuid, " + hex(c.real) + ", " + hex(c.effective) + ", " +
           hex(c.saved) + ");";
  }
  std::string operator()(const abi::Setresgid& c) const {
    return "return CALL(SYS_setresgid, " + hex(c.real) + ", " + hex(c.effective) + ", " +
           hex(c.saved) + ");";
  }
  std::string operator()(const abi::Capset& c) const {
    return "return capset_to(" + hex(c.effective) + ", " + hex(c.permitted) + ", " +
           hex(c.inheritable) + ");";
  }
  std::string operator()(const abi::Prctl& c) const {
    static constexpr std::string_view kOps[] = {"PR_CAPBSET_DROP, ",
                                                "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, ",
                                                "PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, ",
                                                "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, ",
                                                "PR_SET_KEEPCAPS, ",
                                                "PR_SET_DUMPABLE, ",
                                                "PR_SET_CHILD_SUBREAPER, "};
    static_assert(std::size(kOps) == abi::kPrctlOps);
    const bool no_argument = c.op == abi::PrctlOp::ambient_clear_all;
    return "return CALL(SYS_prctl, " + std::string(kOps[static_cast<std::size_t>(c.op)]) +
           hex(no_argument ? 0 : c.arg) + ");";
  }
  std::string operator()(const abi::WriteIdMap& c) const {
    std::string text;
    for (const abi::Extent& e : c.extents) {
      text += number(e.inside) + " " + number(e.outside) + " " + number(e.count) + "\\n";
    }
    return write(c.target, c.kind == abi::MapKind::uid ? "uid_map" : "gid_map", text);
  }
  std::string operator()(const abi::WriteSetgroups& c) const {
    return write(c.target, "setgroups", c.allow ? "allow" : "deny");
  }
  std::string operator()(const abi::SetLimit& c) const {
    return "return write_file(PROC_FD, \"sys/user/max_" + std::string(abi::name(c.type)) +
           "_namespaces\", \"" + number(c.max) + "\");";
  }
  std::string operator()(const abi::WriteTimens& c) const {
    return write(c.target, "timens_offsets",
                 "monotonic " + std::to_string(c.seconds) + " " + std::to_string(c.nanoseconds));
  }
  std::string operator()(const abi::Semop&) const { return "return up_semaphore();"; }

 private:
  std::string birth(abi::TaskId child, abi::Flags flags, const std::string& call,
                    const std::string& after) const {
    const bool vfork = flags.has(flag::VFORK);
    std::string out = "static struct birth b = {" + step_ + ", " + number(child.n) + ", " +
                      (vfork ? "1" : "0") + "};\n      long result = bear(&b, " + call + ");\n";
    if (!vfork && after.empty()) {
      out +=
          "      while (result > 0 && all->task[" + number(child.n) + "].levels == 0) rest(1);\n";
    } else if (!after.empty()) {
      out += "      if (result > 0) " + after + "\n";
    }
    return out + "      return result > 0 ? 0 : result;";
  }
  static std::string write(abi::TaskId target, const std::string& file, const std::string& text) {
    return "return write_file(PROC_FD, proc_path(" + number(target.n) + ", \"" + file + "\"), \"" +
           text + "\");";
  }

  std::string step_;
};

// The program with its names numbered from 0, without calls that are not made.
std::vector<abi::TraceLine> made_lines(const abi::Trace& trace) {
  abi::Program program;
  std::vector<abi::TraceLine> lines;
  for (const abi::TraceLine& line : trace.lines) {
    if (line.expected && line.expected->skipped) continue;
    program.push_back(line.call);
    lines.push_back(line);
  }
  program = renumbered(program);
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].call = program[i];
  return lines;
}

struct Sizes {
  std::uint32_t tasks = 1, files = 1;
};
Sizes sizes_of(std::vector<abi::TraceLine>& lines) {
  Sizes sizes;
  for (abi::TraceLine& line : lines) {
    sizes.tasks = std::max(sizes.tasks, line.call.caller.n + 1);
    visit_names(line.call.op, [&](const auto& name, bool) {
      using Name = std::decay_t<decltype(name)>;
      if constexpr (std::is_same_v<Name, abi::TaskId>)
        sizes.tasks = std::max(sizes.tasks, name.n + 1);
      if constexpr (std::is_same_v<Name, abi::FileId>)
        sizes.files = std::max(sizes.files, name.n + 1);
    });
  }
  return sizes;
}

template <class Item>
std::string table(std::string_view declaration, const std::vector<abi::TraceLine>& lines,
                  Item item) {
  std::string out = "static " + std::string(declaration) + "[STEPS] = {";
  for (const abi::TraceLine& line : lines) out += "\n    " + item(line) + ",";
  return out + "\n};\n";
}

// What only whoever made the call can tell apart from a plain success.
bool has_value(const abi::Call& call) {
  const auto* ioctl = std::get_if<abi::NsIoctl>(&call.op);
  return std::holds_alternative<abi::Wait>(call.op) ||
         (ioctl != nullptr &&
          (ioctl->op == abi::NsOp::get_nstype || ioctl->op == abi::NsOp::get_owner_uid));
}

bool takes_time(const abi::Call& call) {
  return std::holds_alternative<abi::Exit>(call.op) || std::holds_alternative<abi::Wait>(call.op) ||
         std::holds_alternative<abi::Kill>(call.op) ||
         std::holds_alternative<abi::Execve>(call.op) ||
         std::holds_alternative<abi::Close>(call.op);
}

bool sets_limits(const std::vector<abi::TraceLine>& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const abi::TraceLine& line) {
    return std::holds_alternative<abi::SetLimit>(line.call.op);
  });
}

std::string become_t0(const abi::Setup& setup) {
  std::string out = "static void become_t0(void) {\n";
  out += "  for (int cap = 0; cap <= 40; cap++) {\n    if (!(" + hex(setup.bounding) +
         " >> cap & 1)) prctl(PR_CAPBSET_DROP, cap);\n  }\n";
  out += "  prctl(PR_SET_KEEPCAPS, 1);\n";
  const std::string gid = number(setup.gid), uid = number(setup.uid);
  out += "  CALL(SYS_setresgid, " + gid + ", " + gid + ", " + gid + ");\n";
  out += "  CALL(SYS_setresuid, " + uid + ", " + uid + ", " + uid + ");\n";
  out += "  prctl(PR_SET_KEEPCAPS, 0);\n";
  return out + "  capset_to(" + hex(setup.caps) + ", " + hex(setup.caps) + ", 0);\n}\n";
}

// Comment text that cannot end the comment.
std::string harmless(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '/' && !out.empty() && out.back() == '*' ? '|' : c;
  return out;
}

}  // namespace

std::string c_program(const abi::Trace& trace, std::string_view about) {
  std::vector<abi::TraceLine> lines = made_lines(trace);
  const Sizes sizes = sizes_of(lines);
  std::string out = "/* " + harmless(about) + "\n *\n * " + harmless(print(trace.setup)) + "\n";
  for (const abi::TraceLine& line : trace.lines) {
    out += " * " + harmless(print(line.call)) +
           (line.expected ? "  -> " + print(*line.expected) : "") + "\n";
  }
  out +=
      " *\n * The results are those that the model gives. Linux on x86-64, as root:\n"
      " *   cc -static -o repro repro.c && ./repro\n"
      " * Exits with 0 if every result is the model's, 1 if not, 3 if it cannot run. */\n";
  out += "#define STEPS " + number(lines.size()) + "\n#define TASKS " + number(sizes.tasks) +
         "\n#define FILES " + number(sizes.files) + "\n#define OWN_USER_NAMESPACE " +
         (sets_limits(lines) ? "1" : "0") + "\n";
  out += kRuntimeHead;
  out += "\n" + become_t0(trace.setup);
  out += table("const int caller_of", lines,
               [](const abi::TraceLine& line) { return number(line.call.caller.n); });
  out += table("const char slow_after", lines, [](const abi::TraceLine& line) {
    return std::string(takes_time(line.call) ? "1" : "0");
  });
  out += table("const char *const text_of", lines,
               [](const abi::TraceLine& line) { return quoted(print(line.call)); });
  out += table("const char *const model_of", lines, [](const abi::TraceLine& line) {
    return quoted(line.expected && line.expected->error != abi::Errno::kOk
                      ? to_string(line.expected->error)
                      : "ok");
  });
  out += table("const long value_of", lines, [](const abi::TraceLine& line) {
    const bool compared = line.expected && line.expected->error == abi::Errno::kOk &&
                          line.expected->value && has_value(line.call);
    return compared ? std::to_string(*line.expected->value) : "-1";
  });
  out += "\nstatic long step(int n, int me) {\n  (void)me;\n  switch (n) {\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += "    case " + number(i) + ": { /* " + harmless(print(lines[i].call)) + " */\n      " +
           std::visit(Emit(i), lines[i].call.op) + "\n    }\n";
  }
  return out + "  }\n  return 0;\n}\n" + kRuntimeTail;
}

}  // namespace props::conform
