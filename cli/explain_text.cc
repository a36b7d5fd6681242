// An answer as text: see explain.h.
#include <algorithm>

#include "cli/explain.h"
#include "cli/rules.h"

namespace cli {
namespace {

constexpr std::size_t kMostCalls = 20;  // of a situation, in the text

std::string heading(std::string_view title) { return "\n" + std::string(title) + "\n"; }

std::string checked_by(const model::RuleInfo& rule) {
  const std::string which = abi::versions_text(rule.since, rule.until);
  return std::string(rule.function) + "()" + (which.empty() ? "" : ", Linux " + which);
}

std::string decision(const Answer& a) {
  if (a.rule == nullptr) return "\nNo rule refuses it here.\n";
  return "\nRefused by " + std::string(a.rule->id) + " in " + checked_by(*a.rule) + ":\n" +
         wrapped(a.rule->says, "  ", "  ") + heading("What to do:") +
         wrapped(a.rule->remedy, "  ", "  ");
}

std::string call_and_result(const Done& done) {
  return abi::print(done.call) + " -> " + outcome(done.result);
}

std::string situation(const Answer& a) {
  const Scene& scene = a.scene;
  const std::string caller = "t" + std::to_string(scene.call.caller.n);
  std::string out = heading("Here:");
  if (scene.replayed > 0) {
    out += "  " + std::to_string(scene.replayed) + " calls were replayed first\n";
    for (std::size_t i = 0; i < std::min(scene.differing.size(), kMostCalls); ++i) {
      out +=
          "  note: otherwise than the trace expects: " + call_and_result(scene.differing[i]) + "\n";
    }
  }
  for (std::size_t i = 0; i < scene.before.size(); ++i) {
    if (i == kMostCalls) {
      out += "  ... and " + std::to_string(scene.before.size() - i) + " calls more\n";
      break;
    }
    out += "  " + call_and_result(scene.before[i]) + "\n";
  }
  for (const std::string& note : scene.notes) out += wrapped("note: " + note, "  ", "    ");
  for (const std::string& line : a.caller) {
    out += wrapped((&line == &a.caller.front() ? caller + " is " : caller + ": ") + line, "  ",
                   "    ");
  }
  return out;
}

std::string other_versions(const Answer& a) {
  const std::string here = outcome(a.result);
  std::vector<std::pair<std::string, std::string>> groups{{here, ""}};  // outcome, versions
  for (const OtherVersion& v : a.versions) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&v](const auto& g) { return g.first == v.outcome; });
    if (group == groups.end()) group = groups.insert(group, {v.outcome, ""});
    group->second += (group->second.empty() ? "" : ", ") + abi::to_string(v.version);
  }
  std::string out;
  for (const auto& [result, where] : groups) {
    if (where.empty()) continue;
    out += "  Linux " + where + ": " + (result == here ? "the same" : result) + "\n";
  }
  return out.empty() ? "" : heading("Other kernels:") + out;
}

bool asks_for_namespaces(const abi::Call& call) {
  return std::holds_alternative<abi::Unshare>(call.op) ||
         std::holds_alternative<abi::Clone>(call.op) ||
         std::holds_alternative<abi::Clone3>(call.op) ||
         std::holds_alternative<abi::Setns>(call.op);
}

// What the model does not know of.
std::string outside(const Answer& a) {
  if (!asks_for_namespaces(a.scene.call)) return "";
  return "\n" + wrapped(
                    "Outside of the model: seccomp filters (container engines install them) and "
                    "security modules (AppArmor, SELinux) can give EPERM too; want of memory "
                    "and resource limits can make a step fail (nsproxy rules --steps).",
                    "", "");
}

std::string cures(const Answer& a) {
  if (a.result.ok()) return "";
  if (a.cures.empty()) {
    return "\nNone of the usual changes makes it pass here, nor two of them together.\n";
  }
  std::string out = heading("It passes (each tried on the model, here):");
  for (const std::string& cure : a.cures) out += wrapped(cure, "  - ", "    ");
  return out;
}

// By errno: EPERM and EINVAL, which leave the reason open, before the others.
std::string refusals(const Answer& a) {
  if (a.refusals.empty()) return "";
  std::vector<abi::Errno> errors{abi::Errno::kEPERM, abi::Errno::kEINVAL};
  for (const Refusal& r : a.refusals) {
    if (std::find(errors.begin(), errors.end(), r.rule->error) == errors.end()) {
      errors.push_back(r.rule->error);
    }
  }
  std::string out =
      heading("Elsewhere it can be refused (each tried on the model, with what is shown):");
  for (abi::Errno error : errors) {
    std::string group;
    for (const Refusal& r : a.refusals) {
      if (r.rule->error != error) continue;
      group += "\n    " + std::string(r.rule->id) + " in " + checked_by(*r.rule) + "\n" +
               wrapped(r.rule->says, "      ", "      ") +
               wrapped(r.rule->remedy, "      -> ", "         ") +
               wrapped(r.options, "      with: ", "            ");
    }
    if (!group.empty()) out += "\n  " + abi::to_string(error) + "\n" + group;
  }
  return out;
}

}  // namespace

std::string to_text(const Answer& a) {
  return abi::print(a.scene.call) + " on Linux " + abi::to_string(a.scene.model.setup().profile) +
         ": " + (a.result.ok() ? "passes" : abi::to_string(a.result.error)) + "\n" + decision(a) +
         situation(a) + cures(a) + other_versions(a) + refusals(a) + outside(a);
}

}  // namespace cli
