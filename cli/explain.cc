// Asking the model: see explain.h.
#include "cli/explain.h"

#include <algorithm>

#include "cli/rules.h"

namespace cli {
namespace {

// How many cures are enough: of one change, of two.
constexpr std::size_t kMostCures[] = {8, 3};

std::vector<OtherVersion> on_other_versions(const Situation& situation, std::string_view call) {
  std::vector<OtherVersion> out;
  for (const abi::Profile& profile : abi::standard_profiles()) {
    if (profile.version == situation.profile.version) continue;
    Situation other = situation;
    other.profile.version = profile.version;
    const auto built = build(other, call);
    const auto* scene = std::get_if<Scene>(&built);
    if (scene == nullptr) continue;
    const abi::Result result = scene->model.explain(scene->call).result;
    if (!result.skipped) out.push_back({profile.version, outcome(result)});
  }
  return out;
}

std::vector<Refusal> elsewhere(const Situation& base, std::string_view text,
                               const abi::Call& call) {
  std::vector<Refusal> out;
  for (const Variant& v : harder_variants(base, text, call)) {
    const auto built = build(v.situation, v.call);
    const auto* scene = std::get_if<Scene>(&built);
    if (scene == nullptr) continue;
    const model::RuleInfo* rule = rule_of(scene->model.explain(scene->call).result);
    const auto known = [rule](const Refusal& r) { return r.rule->id == rule->id; };
    if (rule == nullptr || std::any_of(out.begin(), out.end(), known)) continue;
    out.push_back({rule, v.shown});
  }
  return out;
}

abi::Flags namespaces_in(const abi::Call& call) {
  return std::visit(
      [](const auto& op) {
        if constexpr (requires { op.flags; }) return op.flags & abi::flag::NAMESPACES;
        return abi::Flags{};
      },
      call.op);
}

// With other namespaces than those asked for it is no cure.
bool asks_for_others(const abi::Call& asked, const abi::Call& now) {
  const abi::Flags left = namespaces_in(now);
  return !left.empty() && (left & namespaces_in(asked)).empty();
}

// With two changes where none alone is enough.
std::vector<std::string> cures(const Situation& base, const abi::Call& asked, const abi::Call& call,
                               std::size_t changes) {
  std::vector<std::string> out;
  for (const Variant& v : cure_variants(base, call)) {
    if (out.size() >= kMostCures[changes - 1]) break;
    const auto built = build(v.situation, v.call);
    const auto* scene = std::get_if<Scene>(&built);
    if (scene == nullptr) continue;
    const std::string& shown = v.shown.front();
    if (changes == 1) {
      if (asks_for_others(asked, scene->call)) continue;
      if (scene->model.explain(scene->call).result.ok()) out.push_back(shown);
      continue;
    }
    for (const std::string& then : cures(v.situation, asked, scene->call, changes - 1)) {
      out.push_back(shown + ", then " + then);
    }
  }
  return out;
}

}  // namespace

std::variant<Answer, Failure> explain(const Situation& situation, std::string_view call) {
  auto built = build(situation, call);
  if (auto* failure = std::get_if<Failure>(&built)) return std::move(*failure);
  Answer answer(std::get<Scene>(std::move(built)));
  const Scene& scene = answer.scene;
  answer.result = scene.model.explain(scene.call).result;
  if (answer.result.skipped) {
    return Failure{abi::print(scene.call) +
                   ": not possible here: its caller does not run, or a name in it is unknown or in "
                   "use; --after and --threads make tasks"};
  }
  answer.rule = rule_of(answer.result);
  answer.caller = describe_caller(scene.model, scene.call.caller);
  answer.versions = on_other_versions(situation, call);
  if (answer.result.ok()) {
    // What else could be in a state that somebody recorded is not for us to imagine.
    if (!situation.trace) answer.refusals = elsewhere(situation, call, scene.call);
  } else {
    answer.cures = cures(situation, scene.call, scene.call, 1);
    if (answer.cures.empty()) answer.cures = cures(situation, scene.call, scene.call, 2);
  }
  return answer;
}

}  // namespace cli
