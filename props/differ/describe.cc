#include "props/differ/describe.h"

#include "props/differ/difference.h"

namespace props {
namespace {

std::string text(abi::TaskId id) { return "t" + std::to_string(id.n); }

std::string_view name(abi::TaskState state) {
  switch (state) {
    case abi::TaskState::none:
      return "gone";
    case abi::TaskState::running:
      return "running";
    case abi::TaskState::blocked:
      return "blocked";
    case abi::TaskState::dying:
      return "dying";
    case abi::TaskState::zombie:
      return "zombie";
  }
  return "?";
}

std::string ids(const std::array<abi::Id, 3>& all) {
  return std::to_string(all[0]) + "/" + std::to_string(all[1]) + "/" + std::to_string(all[2]);
}

}  // namespace

std::string_view name(Check check) {
  static constexpr std::string_view kNames[kChecks] = {
      "result",   "steps",  "task",    "pairing", "refs",   "object",
      "multiset", "totals", "touched", "leak",    "misuse", "invariant"};
  return kNames[static_cast<std::size_t>(check)];
}

std::string_view says(Check check) {
  static constexpr std::string_view kSays[kChecks] = {
      "both give the same errno or value",
      "both reach the same number of fallible steps",
      "each task is in the same state, with the same ids, capabilities and root",
      "the tasks' namespaces and nsproxies are the same up to a renaming",
      "each object has the same number of holders and of active references",
      "each object agrees in kind, owner and detail",
      "objects that no task shows have the same counts, as a multiset by kind",
      "the same number of objects of each kind is alive",
      "whatever changed was named as touched",
      "once everything is closed, ended and reaped, only the initial objects are left",
      "no reference count is taken from zero, dropped below it or saturated",
      "the model's invariants hold",
  };
  return kSays[static_cast<std::size_t>(check)];
}

std::string describe_pairing(abi::TaskId task, std::string_view slot, abi::ObjId reference,
                             abi::ObjId subject, abi::ObjId expected) {
  std::string what = text(task) + "'s " + std::string(slot) + ": ";
  if (reference == 0) return what + "none against object " + std::to_string(subject);
  what += "object " + std::to_string(reference);
  if (expected != 0) what += ", the subject's " + std::to_string(expected) + ",";
  if (subject == 0) return what + " against none";
  what += " against the subject's " + std::to_string(subject);
  if (expected == 0) what += ", which is the name of another";
  return what;
}

std::string describe_task_difference(abi::TaskId id, const abi::TaskView& reference,
                                     const abi::TaskView& subject) {
  std::string what = text(id) + ":";
  const auto part = [&](std::string_view label, const std::string& a, const std::string& b) {
    if (a != b) what += " " + std::string(label) + " " + a + " against " + b + ";";
  };
  part("state", std::string(name(reference.state)), std::string(name(subject.state)));
  part("uid", ids(reference.uid), ids(subject.uid));
  part("gid", ids(reference.gid), ids(subject.gid));
  part("effective", abi::caps_to_string(reference.effective),
       abi::caps_to_string(subject.effective));
  part("permitted", abi::caps_to_string(reference.permitted),
       abi::caps_to_string(subject.permitted));
  part("inheritable", abi::caps_to_string(reference.inheritable),
       abi::caps_to_string(subject.inheritable));
  part("bounding", abi::caps_to_string(reference.bounding), abi::caps_to_string(subject.bounding));
  part("ambient", abi::caps_to_string(reference.ambient), abi::caps_to_string(subject.ambient));
  part("chrooted", reference.chrooted ? "yes" : "no", subject.chrooted ? "yes" : "no");
  what.pop_back();
  return what;
}

std::string describe_object_difference(abi::ObjId id, const abi::ObjectView& reference,
                                       const abi::ObjectView& subject, abi::ObjId owner) {
  std::string what = "object " + std::to_string(id) + ":";
  const auto part = [&](std::string_view label, std::int64_t a, std::int64_t b) {
    if (a == b) return;
    what +=
        " " + std::string(label) + " " + std::to_string(a) + " against " + std::to_string(b) + ";";
  };
  if (reference.kind != subject.kind) {
    what += " is a " + std::string(name(subject.kind)) + " to the subject;";
  }
  part("alive", reference.alive, subject.alive);
  part("counted", reference.counted, subject.counted);
  const auto counts = [&](std::string_view label, std::uint32_t held, std::uint32_t counted) {
    if (held == counted) return;
    what += " " + std::to_string(held) + " " + std::string(label) +
            " are held, the subject counts " + std::to_string(counted) + ";";
  };
  counts("references", reference.refs, subject.refs);
  counts("active references", reference.active, subject.active);
  part("owner", static_cast<std::int64_t>(owner), static_cast<std::int64_t>(subject.owner));
  part("detail", reference.detail, subject.detail);
  what.pop_back();
  return what;
}

}  // namespace props
