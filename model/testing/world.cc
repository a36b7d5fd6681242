#include "model/testing/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "model/testing/recount.h"

namespace model {

namespace {

abi::Setup setup_from(std::string_view header) { return read_program(header, "").setup; }

std::string label(ObjId id, ObjKind kind) {
  return std::string(abi::name(kind)) + " " + std::to_string(static_cast<std::uint32_t>(id));
}

}  // namespace

abi::Trace read_program(std::string_view header, std::string_view lines) {
  std::string text = "nsproxy-trace 1 ";
  text.append(header).append("\n").append(lines);
  auto read = abi::parse_trace(text);
  if (const auto* error = std::get_if<abi::ParseError>(&read)) {
    ADD_FAILURE() << error->to_string(text);
    return {};
  }
  return std::move(std::get<abi::Trace>(read));
}

std::string difference(const abi::View& before, const abi::View& after) {
  const auto task = [](const auto& a, const auto& b) { return a.id == b.id && a.view == b.view; };
  if (before.totals != after.totals) return "the totals";
  if (before.tasks.size() != after.tasks.size()) return "the number of tasks";
  for (std::size_t i = 0; i < before.tasks.size(); ++i) {
    if (!task(before.tasks[i], after.tasks[i])) {
      return "t" + std::to_string(before.tasks[i].id.n);
    }
  }
  if (before.objects.size() != after.objects.size()) return "the number of objects";
  for (std::size_t i = 0; i < before.objects.size(); ++i) {
    const auto &a = before.objects[i], &b = after.objects[i];
    if (a.id != b.id || !(a.view == b.view)) return label(a.id, a.view.kind);
  }
  return "";
}

std::string untouched(const abi::View& before, const Model& after) {
  const abi::View now = after.view();
  std::map<abi::TaskId, std::pair<abi::TaskView, abi::TaskView>> tasks;
  std::map<ObjId, std::pair<abi::ObjectView, abi::ObjectView>> objects;
  for (const abi::TaskEntry& t : before.tasks) tasks[t.id].first = t.view;
  for (const abi::TaskEntry& t : now.tasks) tasks[t.id].second = t.view;
  for (const abi::ObjectEntry& o : before.objects) objects[o.id].first = o.view;
  for (const abi::ObjectEntry& o : now.objects) objects[o.id].second = o.view;
  for (const abi::TaskId t : after.touched_tasks()) tasks.erase(t);
  for (const ObjId o : after.touched_objects()) objects.erase(o);
  for (const auto& [id, views] : tasks) {
    if (views.first != views.second) return "t" + std::to_string(id.n);
  }
  for (const auto& [id, views] : objects) {
    if (views.first != views.second) return after.describe(id);
  }
  return "";
}

std::string_view rule_of(const abi::Result& r) { return rules()[r.rule].id; }

World::World(std::string_view header) : World(Model(setup_from(header))) {}
World::World(Model model) : model_(std::move(model)) {}

void World::run(std::string_view lines) {
  // The header has no say here: the model has its setup already.
  for (const abi::TraceLine& line : read_program("profile=6.18", lines).lines) run(line);
}

void World::run(const abi::TraceLine& line) {
  SCOPED_TRACE(abi::print(line.call));
  apply(line.call);
  const abi::Expectation expected = line.expected.value_or(abi::Expectation{});
  EXPECT_TRUE(expected.matches(last_)) << "expected " << abi::print(expected) << ", but it gave "
                                       << abi::print(abi::expectation_of(last_)) << " " << rule();
}

abi::Result World::apply(const abi::Call& call) {
  const abi::View before = model_.view();
  last_ = model_.apply(call);
  // EXEC-01's failure kills the caller, past the point of no return.
  if (!last_.ok() && rule() != "EXEC-01") {
    EXPECT_EQ(difference(before, model_.view()), "") << rule();
  }
  for (const Violation& v : model_.check()) ADD_FAILURE() << v.invariant << ": " << v.what;
  EXPECT_EQ(recount(model_.state()), "");
  EXPECT_EQ(untouched(before, model_), "") << "changed, but was not touched";
  return last_;
}

std::string World::held_by(ObjId id) const {
  std::vector<std::string> all;
  for (const Holder& h : model_.holders(id)) {
    const bool is_task = h.by == abi::kNoObject;
    all.push_back((is_task ? "t" + std::to_string(h.task.n) + " " : "") + std::string(h.why));
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
  return out;
}

}  // namespace model
