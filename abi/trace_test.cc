// Examples of trace text, and where and how errors are reported.
#include "abi/trace.h"

#include <gtest/gtest.h>

namespace nsabi {
namespace {

Call call(std::string_view text, std::uint32_t next_name = 1) {
  const auto read = parse_call(text, next_name);
  const auto* error = std::get_if<ParseError>(&read);
  EXPECT_EQ(error, nullptr) << text << ": " << error->to_string("");
  return error == nullptr ? std::get<Call>(read) : Call{};
}

std::string error_of(const std::variant<Trace, ParseError>& read) {
  const auto* error = std::get_if<ParseError>(&read);
  return error == nullptr ? "none" : error->to_string("");
}

// "COLUMN: expected …" of a line that should not read.
std::string call_error(std::string_view text) {
  const auto read = parse_call(text);
  const auto* error = std::get_if<ParseError>(&read);
  if (error == nullptr) return "none";
  EXPECT_EQ(error->line, 1u);
  return std::to_string(error->column) + ": " + error->expected;
}

// The same within a trace, where nothing is guessed.
std::string line_error(const std::string& line) {
  const auto read = parse_trace("nsproxy-trace 1 profile=6.18\n" + line);
  const auto* error = std::get_if<ParseError>(&read);
  if (error == nullptr) return "none";
  EXPECT_EQ(error->line, 2u);
  return std::to_string(error->column) + ": " + error->expected;
}

TEST(Trace, ReadsAndPrintsTheExampleOfItsHeader) {
  const auto read = parse_trace(
      "nsproxy-trace 1 profile=6.18\n"
      "# anything after a hash is a comment\n"
      "t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWIPC|SIGCHLD)   -> ok\n"
      "t1.unshare(CLONE_NEWNET) fault=2                    -> ENOMEM\n"
      "f0 = t0.open_ns(t1, uts)                            -> ok\n"
      "t0.setns(f0, CLONE_NEWUTS)\n");
  ASSERT_EQ(error_of(read), "none");
  const auto& trace = std::get<Trace>(read);
  EXPECT_EQ(trace.setup, nsabi::Setup{});
  ASSERT_EQ(trace.lines.size(), 4u);
  EXPECT_EQ(trace.lines[0].call.op,
            Op(Clone{.child = {1}, .flags = flag::NEWUTS | flag::NEWIPC | Flags{kSIGCHLD}}));
  EXPECT_EQ(trace.lines[0].line, 3u);
  EXPECT_EQ(trace.lines[1].call.caller, TaskId{1});
  EXPECT_EQ(trace.lines[1].call.fault, 2);
  EXPECT_EQ(trace.lines[1].expected->error, Errno::kENOMEM);
  EXPECT_EQ(trace.lines[2].call.op, Op(OpenNs{.target = {1}, .link = NsLink::uts}));
  EXPECT_FALSE(trace.lines[3].expected);
  EXPECT_EQ(trace.lines[3].line, 6u);

  EXPECT_EQ(print(trace),
            "nsproxy-trace 1 profile=6.18\n"
            "t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWIPC|SIGCHLD)  -> ok\n"
            "t1.unshare(CLONE_NEWNET) fault=2                  -> ENOMEM\n"
            "f0 = t0.open_ns(t1, uts)                          -> ok\n"
            "t0.setns(f0, CLONE_NEWUTS)\n");
}

TEST(Trace, HeaderHasOnlyWhatIsUnusual) {
  nsabi::Setup setup;  // gtest has a Setup of its own
  EXPECT_EQ(print(setup), "nsproxy-trace 1 profile=6.18");
  setup.uid = 1000;
  setup.bounding = 0;
  setup.profile.userns_off = true;
  const std::string text = "nsproxy-trace 1 profile=6.18,userns-off uid=1000 bounding=none";
  EXPECT_EQ(print(setup), text);
  EXPECT_EQ(std::get<Trace>(parse_trace(text)).setup, setup);
  const auto other =
      parse_trace(" nsproxy-trace\t1 bounding=0  uid=1000 profile=6.18,userns-off #");
  EXPECT_EQ(std::get<Trace>(other).setup, setup);
}

TEST(Trace, HeaderErrors) {
  const std::string wanted = "expected the header, such as nsproxy-trace 1 profile=6.18";
  EXPECT_EQ(error_of(parse_trace("")), "1:1: " + wanted);
  EXPECT_EQ(error_of(parse_trace("\n# only\n  ")), "3:3: " + wanted);
  EXPECT_EQ(error_of(parse_trace("t0.fork()")), "1:1: " + wanted);
  EXPECT_EQ(error_of(parse_trace("nsproxy-traces 1")), "1:1: " + wanted);
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 2 profile=6.18")),
            "1:15: expected 1, the version of the trace format");
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 1")), "1:16: expected profile=");
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 1 profile=4.19")),
            "1:25: expected a kernel version from 5.8 to 7.9, not `4.19`");
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 1 profile=6.1,no-uts,no-tim")),
            "1:36: expected no-TYPE, as in no-time, or userns-off, not `no-tim`");
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 1 profile=6.1 cap=full")),
            "1:29: expected one of profile, uid, gid, caps, bounding, not `cap` (did you mean "
            "caps?)");
  EXPECT_EQ(error_of(parse_trace("nsproxy-trace 1 profile=6.1 caps=full-CAP_SYS_ADMN")),
            "1:39: expected full, none or capabilities such as CAP_SYS_ADMIN, not `CAP_SYS_ADMN` "
            "(did you mean CAP_SYS_ADMIN?)");
}

TEST(Trace, Results) {
  const auto text = [](const Expectation& e) { return print(e); };
  EXPECT_EQ(text({}), "ok");
  EXPECT_EQ(text({.value = 5}), "ok 5");
  EXPECT_EQ(text({.error = Errno::kEPERM}), "EPERM");
  EXPECT_EQ(text({.error = Errno{123}}), "E#123");
  EXPECT_EQ(text({.skipped = true}), "skipped");
  EXPECT_EQ(line_error("t0.fork()"), "1: a name for the task that this call makes, as in `t1 = `");
  EXPECT_EQ(line_error("t0.semop() -> E#123   # not a comment before"), "none");
  EXPECT_EQ(line_error("t0.semop() ->ok"), "none");
  EXPECT_EQ(line_error("t0.semop() -> "), "14: ok, skipped or an errno such as EPERM");
  EXPECT_EQ(line_error("t0.semop() -> EINVLA"),
            "15: ok, skipped or an errno such as EPERM, not `EINVLA` (did you mean EINVAL?)");
  EXPECT_EQ(line_error("t0.semop() -> ok five"),
            "18: a number from -9223372036854775808 to 9223372036854775807, not `five`");
  EXPECT_EQ(line_error("t0.semop() -> ok 5 6"), "20: the end of the line");
  EXPECT_EQ(line_error("t0.semop() ok"), "12: fault=N, -> and a result, or the end of the line");
  EXPECT_EQ(line_error("t0.semop() fault=1 ok"), "20: -> and a result, or the end of the line");
  EXPECT_EQ(line_error("t0.semop() fault=65536"), "18: a number from 0 to 65535, not `65536`");
}

TEST(Trace, ExpectationsPinTheNumbersThatCallsGive) {
  const Call wait{.op = Wait{}};
  const Call unshare{.op = Unshare{}};
  EXPECT_EQ(print(expectation_of(wait, Result::success(0))), "ok 0");
  EXPECT_EQ(print(expectation_of(wait, Result::success(1))), "ok 1");
  EXPECT_EQ(print(expectation_of(unshare, Result::success())), "ok");
  EXPECT_EQ(print(expectation_of(unshare, Result::success(7))), "ok 7");
  EXPECT_EQ(print(expectation_of(wait, Result::failure(Errno::kECHILD))), "ECHILD");
  EXPECT_EQ(print(expectation_of(wait, Result::skip())), "skipped");
  EXPECT_EQ(print(expectation_of(Result::success())), "ok");
  EXPECT_EQ(print(expectation_of(Call{.op = NsIoctl{.op = NsOp::get_owner_uid}}, {})), "ok 0");
  EXPECT_EQ(print(expectation_of(Call{.op = NsIoctl{.op = NsOp::get_parent}}, {})), "ok");
}

TEST(Trace, LongLinesDoNotPushResultsOutOfSight) {
  WriteIdMap map;
  map.extents.resize(50);
  Trace trace;
  trace.lines.push_back({.call = {.op = map}, .expected = Expectation{}});
  trace.lines.push_back({.call = {.op = Semop{}}, .expected = Expectation{}});
  const std::string text = print(trace);
  EXPECT_TRUE(text.ends_with("\nt0.semop()  -> ok\n")) << text;
  EXPECT_NE(text.find("0 0 0])  -> ok\n"), std::string::npos) << text;
}

TEST(Call, NeedsNoNames) {
  EXPECT_EQ(print(call("unshare(CLONE_NEWUSER)")), "t0.unshare(CLONE_NEWUSER)");
  EXPECT_EQ(print(call("t0.unshare(CLONE_NEWUSER)")), "t0.unshare(CLONE_NEWUSER)");
  EXPECT_EQ(print(call("clone(CLONE_PIDFD|SIGCHLD)", 7)), "t7, f7 = t0.clone(CLONE_PIDFD|SIGCHLD)");
  EXPECT_EQ(print(call("f3 = t2.clone(CLONE_PIDFD)", 7)), "t7, f3 = t2.clone(CLONE_PIDFD)");
  EXPECT_EQ(print(call("ioctl(f0, NS_GET_PARENT)")), "f1 = t0.ioctl(f0, NS_GET_PARENT)");
  EXPECT_EQ(print(call("t1.bind_ns(f0) fault=1 -> EPERM # why?\n\n")),
            "b1 = t1.bind_ns(f0) fault=1");
}

TEST(Call, IsOneLine) {
  EXPECT_EQ(call_error(""), "1: a call such as t0.fork()");
  EXPECT_EQ(call_error("  # nothing"), "3: a call such as t0.fork()");
  const auto two = parse_call("semop()\nsemop()");
  EXPECT_EQ(std::get<ParseError>(two).to_string("arg"), "arg:2:1: expected nothing after the call");
}

TEST(Call, NamesInAnyOrder) {
  EXPECT_EQ(print(call("f2,t1=t0.clone(CLONE_PIDFD)")), "t1, f2 = t0.clone(CLONE_PIDFD)");
  // A name that the kernel will not use is still the program's.
  EXPECT_EQ(print(call("t1, f2 = t0.clone(0)")), "t1, f2 = t0.clone(0)");
  EXPECT_EQ(print(call("t1, f0 = t0.clone(0)")), "t1 = t0.clone(0)");
}

TEST(Call, NameErrors) {
  EXPECT_EQ(call_error("x1 = t0.fork()"), "1: a task such as t1, not `x1`");
  EXPECT_EQ(call_error("t = t0.fork()"), "1: a task such as t1, not `t`");
  EXPECT_EQ(call_error("t01 = t0.fork()"), "1: a task such as t1, not `t01`");
  EXPECT_EQ(call_error("t0x1 = t0.fork()"), "1: a task such as t1, not `t0x1`");
  EXPECT_EQ(call_error("t4294967296 = t0.fork()"), "1: a task such as t1, not `t4294967296`");
  EXPECT_EQ(call_error("t1, t2 = t0.fork()"), "5: one name of a kind, not `t2`");
  EXPECT_EQ(call_error("t1, f2 = t0.fork()"), "5: only names of what fork makes here, not `f2`");
  EXPECT_EQ(call_error("f1 = t0.unshare(0)"), "1: only names of what unshare makes here, not `f1`");
  EXPECT_EQ(call_error("t1, = t0.fork()"), "5: a name such as t1 or f0");
  EXPECT_EQ(call_error(", t1 = t0.fork()"), "1: a name such as t1 or f0");
  EXPECT_EQ(call_error("t1 f1 = t0.fork()"), "4: a task and a call, such as t0.fork(");
  EXPECT_EQ(call_error("t1 = = t0.fork()"), "6: a call such as t0.fork()");
  EXPECT_EQ(call_error("f0.fork()"), "1: a task such as t1, not `f0`");
  EXPECT_EQ(line_error("fork()"), "1: the task that calls, such as t0.");
  EXPECT_EQ(line_error("t1 = t0.clone(CLONE_PIDFD)"),
            "6: a name for the file that this call makes, as in `f1 = `");
  EXPECT_EQ(line_error("t0.bind_ns(f0)"),
            "1: a name for the bind that this call makes, as in `b1 = `");
}

TEST(Call, WordErrors) {
  EXPECT_EQ(call_error("t0.unshre(0)"),
            "4: a call such as fork, not `unshre` (did you mean unshare?)");
  EXPECT_EQ(call_error("t0.open_pid(t1)"),
            "4: a call such as fork, not `open_pid` (did you mean open_pidfd?)");
  EXPECT_EQ(call_error("t0.write_id_map(t1, [])"),
            "4: a call such as fork, not `write_id_map` (did you mean write_uid_map?)");
  EXPECT_EQ(call_error("t0.mount()"), "4: a call such as fork, not `mount`");
  EXPECT_EQ(call_error("t0."), "4: the name of a call, such as fork");
  EXPECT_EQ(call_error("t0.fork"), "8: (");
  EXPECT_EQ(call_error("fork"), "5: a task and a call, such as t0.fork(");
}

TEST(Call, OperandErrors) {
  EXPECT_EQ(call_error("t0.unshare()"), "12: a flag such as CLONE_NEWUTS, or 0");
  EXPECT_EQ(call_error("t0.unshare(CLONE_NEWUTS"), "24: a comma or )");
  EXPECT_EQ(call_error("t0.unshare(CLONE_NEWUTS,)"), "25: an operand");
  EXPECT_EQ(call_error("t0.unshare(,)"), "12: an operand");
  EXPECT_EQ(call_error("t0.unshare(0, 0)"), "15: no more operands, not `0`");
  EXPECT_EQ(
      call_error("t0.unshare(CLONE_NEWNS|CLONE_NEWUT|CLONE_X)"),
      "24: a flag such as CLONE_NEWUTS, or 0, not `CLONE_NEWUT` (did you mean CLONE_NEWUTS?)");
  EXPECT_EQ(call_error("t0.unshare(SIGCHLD)"),
            "12: a flag such as CLONE_NEWUTS, or 0, not `SIGCHLD`");
  EXPECT_EQ(call_error("t0.unshare(CLONE_NEWNS|)"), "24: a flag such as CLONE_NEWUTS, or 0");
  EXPECT_EQ(call_error("t0.clone(SIGCHLD|SIGHUP)"), "10: one exit signal only");
  EXPECT_EQ(call_error("t0.clone(CLONE_NEWTIME)"),
            "10: no CLONE_NEWTIME, whose bit is part of the signal here: use clone3");
  EXPECT_EQ(call_error("t0.clone(SIGCHILD)"),
            "10: a flag such as CLONE_NEWUTS, a signal such as SIGCHLD, or 0, not `SIGCHILD` (did "
            "you mean SIGCHLD?)");
  EXPECT_EQ(call_error("t0.setns(t1, 0)"), "10: a file such as f1, not `t1`");
  EXPECT_EQ(call_error("t0.open_ns(t1, mount)"),
            "16: a link of /proc/PID/ns, not `mount` (did you mean mnt?)");
  EXPECT_EQ(call_error("t0.open_ns(t1, o_path)"), "16: a link of /proc/PID/ns, not `o_path`");
  EXPECT_EQ(call_error("t0.open_ns(t1, uts, o_pat)"),
            "21: one of o_path, not `o_pat` (did you mean o_path?)");
  EXPECT_EQ(call_error("t0.open_file(proc_dir)"), "22: a task such as t1");
  EXPECT_EQ(call_error("t0.chroot(up)"), "11: inside or top, not `up`");
  EXPECT_EQ(call_error("t0.setresuid(0, -1, 0)"),
            "17: an id from 0 to 4294967295 or `unchanged`, not `-1`");
  EXPECT_EQ(call_error("t0.prctl(PR_CAPBSET_DROP, SYS_ADMIN)"),
            "27: a capability such as CAP_SYS_ADMIN, or a number, not `SYS_ADMIN` (did you mean "
            "CAP_SYS_ADMIN?)");
  EXPECT_EQ(call_error("t0.prctl(PR_SET_KEEPCAPS)"), "25: a number from 0 to 18446744073709551615");
  EXPECT_EQ(call_error("t0.write_setgroups(t1, no)"), "24: allow or deny, not `no`");
  EXPECT_EQ(call_error("t0.capset(effective=full, permitted=full)"), "41: inheritable=");
}

TEST(Call, OptionErrors) {
  EXPECT_EQ(call_error("t0.clone3(0, pidfd_ptr=bad)").substr(0, 16), "14: one of exit_");
  EXPECT_TRUE(call_error("t0.clone3(0, exitsignal=1)").ends_with("(did you mean exit_signal?)"));
  EXPECT_EQ(call_error("t0.clone3(0, size=1, size=2)"),
            "22: size once, and with = only if it takes a value");
  EXPECT_EQ(call_error("t0.clone3(0, size)"), "14: size once, and with = only if it takes a value");
  EXPECT_EQ(call_error("t0.clone3(0, nonzero_tail=1)"),
            "14: nonzero_tail once, and with = only if it takes a value");
  EXPECT_EQ(call_error("t0.clone3(0, size=)"), "19: a number from 0 to 18446744073709551615");
  EXPECT_EQ(call_error("t0.clone3(0, args=worse)"), "19: good, null or bad, not `worse`");
}

TEST(Call, ListErrors) {
  EXPECT_EQ(call_error("t0.write_uid_map(t1, 0 0 1)"), "22: a list in [ ], not `0 0 1`");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0])"), "26: three numbers: INSIDE OUTSIDE COUNT");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0 1,])"),
            "29: three numbers: INSIDE OUTSIDE COUNT");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0 1 2])"), "29: a comma or ] after three numbers");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0 1, 0 x 1])"),
            "32: a number from 0 to 4294967295, not `x`");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0 1"), "28: a comma or )");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [[0 0 1]])"), "23: numbers or ], not another [");
  EXPECT_EQ(call_error("t0.write_uid_map(t1, [0 0 1]2)"), "29: nothing after ]");
  EXPECT_EQ(call_error("t0.clone3(0, set_tid=[1,2])"),
            "23: a number from -2147483648 to 2147483647, not `1,2`");
  EXPECT_EQ(call_error("t0.clone3(0, set_tid=[1 2147483648])"),
            "25: a number from -2147483648 to 2147483647, not `2147483648`");
}

TEST(Call, OptionsInAnyOrder) {
  const Call read = call("clone3(CLONE_NEWPID, same_tid_pointer, size=64, set_tid=[ 5  2 ])");
  const auto& clone3 = std::get<Clone3>(read.op);
  EXPECT_EQ(clone3.set_tid, (std::vector<std::int32_t>{5, 2}));
  EXPECT_EQ(clone3.set_tid_size, 2u);
  EXPECT_EQ(clone3.set_tid_pointer, Pointer::good);
  EXPECT_EQ(clone3.size, 64u);
  EXPECT_TRUE(clone3.same_tid_pointer);
  EXPECT_EQ(print(read), "t1 = t0.clone3(CLONE_NEWPID, set_tid=[5 2], size=64, same_tid_pointer)");
}

TEST(Call, TwoWordsWhereTheVocabularyHasOneStruct) {
  EXPECT_EQ(call("exit()").op, Op(Exit{.group = false}));
  EXPECT_EQ(call("exit_group()").op, Op(Exit{.group = true}));
  EXPECT_EQ(std::get<WriteIdMap>(call("write_gid_map(t0, [])").op).kind, MapKind::gid);
  EXPECT_EQ(std::get<WriteIdMap>(call("write_uid_map(t0, [])").op).kind, MapKind::uid);
}

TEST(Trace, LinesMayEndInCrLf) {
  const auto read = parse_trace("nsproxy-trace 1 profile=6.18\r\n\r\nt0.semop() -> ok\r\n");
  ASSERT_EQ(error_of(read), "none");
  EXPECT_EQ(std::get<Trace>(read).lines.size(), 1u);
}

TEST(Trace, RefusesControlCharacters) {
  using std::string_literals::operator""s;
  EXPECT_EQ(line_error("t0.semop()\0"s), "11: text without control characters");
  EXPECT_EQ(line_error("# \x1b[31mred"), "3: text without control characters");
  EXPECT_EQ(line_error("t0.semop()\r # "), "11: text without control characters");
  EXPECT_EQ(line_error("# caf\xc3\xa9\t\xf0\x9f\x90\xa7"), "none");
  EXPECT_EQ(line_error("t0.semop\xc3\xa9()"), "9: (");
}

TEST(ParseError, NamesItsFileAndPlace) {
  const ParseError error{.line = 3, .column = 14, .expected = "a file such as f1"};
  EXPECT_EQ(error.to_string("a.ns"), "a.ns:3:14: expected a file such as f1");
  EXPECT_EQ(error.to_string(""), "3:14: expected a file such as f1");
}

}  // namespace
}  // namespace nsabi
