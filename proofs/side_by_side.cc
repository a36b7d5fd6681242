// Model and kernel in lockstep: see side_by_side.h.
#include "proofs/side_by_side.h"

#include <map>
#include <tuple>

#include "impl/kernel.h"
#include "model/model.h"

namespace proofs {
namespace {

using Bag = std::map<std::string, int>;

// What can be said of an object without its number.
std::string portrait(const abi::ObjectView& o) {
  std::string text = o.counted ? "" : "initial ";
  text += abi::name(o.kind);
  text += ", detail " + std::to_string(o.detail);
  if (!o.counted) return text;
  return text + ", " + std::to_string(o.refs) + " holders, " + std::to_string(o.active) + " uses";
}

Bag objects_of(const abi::View& view) {
  Bag bag;
  for (const abi::ObjectEntry& o : view.objects) {
    if (o.view.alive) ++bag[portrait(o.view)];
  }
  return bag;
}

std::optional<std::string> object_difference(const abi::View& should, const abi::View& is) {
  Bag more = objects_of(is);
  for (const auto& [what, n] : objects_of(should)) more[what] -= n;
  std::string surplus, missing;
  for (const auto& [what, n] : more) {
    std::string& list = n > 0 ? surplus : missing;
    for (int i = 0; i < (n > 0 ? n : -n); ++i) list += (list.empty() ? "" : "; ") + what;
  }
  if (surplus.empty() && missing.empty()) return std::nullopt;
  if (missing.empty()) return "leaves too much: " + surplus;
  if (surplus.empty()) return "leaves too little: missing " + missing;
  return "leaves [" + surplus + "], and should leave [" + missing + "]";
}

// A task but for its objects.
auto portrait(const abi::TaskView& t) {
  return std::tuple(t.state, t.uid, t.gid, t.effective, t.permitted, t.inheritable, t.bounding,
                    t.ambient, t.chrooted);
}

std::optional<std::string> task_difference(const abi::View& should, const abi::View& is) {
  for (std::size_t i = 0; i < should.tasks.size() && i < is.tasks.size(); ++i) {
    const abi::TaskEntry& a = should.tasks[i];
    const abi::TaskEntry& b = is.tasks[i];
    if (a.id == b.id && portrait(a.view) == portrait(b.view)) continue;
    return "leaves t" + std::to_string(a.id.n) + " in another state or with other credentials";
  }
  if (should.tasks.size() != is.tasks.size()) return "leaves another number of tasks";
  return std::nullopt;
}

template <class Kernel>
std::optional<Difference> run(const abi::Trace& trace, impl::Bug bug) {
  model::Model model(trace.setup);
  Kernel kernel(trace.setup, bug);
  abi::Trace told{.setup = trace.setup, .lines = {}};
  for (const abi::TraceLine& line : trace.lines) {
    const abi::Result should = model.apply(line.call);
    const abi::Result is = kernel.apply(line.call);
    const std::string right = abi::print(abi::expectation_of(line.call, should));
    told.lines.push_back({line.call, abi::expectation_of(line.call, should)});
    const std::string call = abi::print(line.call);
    const auto differs = [&](const std::string& how) {
      return Difference{call + " " + how, abi::print(told)};
    };
    if (!should.same_outcome(is)) {
      return differs("gives " + abi::print(abi::expectation_of(line.call, is)) +
                     ", and should give " + right);
    }
    if (should.steps != is.steps) {
      return differs("gets to " + std::to_string(is.steps) + " fallible steps, and should to " +
                     std::to_string(should.steps));
    }
    for (const impl::CountReport& report : kernel.count_failures()) {
      return differs("misuses a count: " + std::string(impl::name(report.what)));
    }
    const abi::View a = model.view(), b = kernel.view();
    if (const auto how = task_difference(a, b)) return differs(*how);
    if (const auto how = object_difference(a, b)) return differs(*how);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Difference> first_difference(const abi::Trace& trace, Native native, impl::Bug bug) {
  switch (native) {
    case Native::baseline:
      return run<impl::Baseline>(trace, bug);
    case Native::optimized:
      return run<impl::Optimized>(trace, bug);
    case Native::seeded:
      return run<impl::Seeded>(trace, bug);
  }
  return std::nullopt;
}

std::string_view deciding_rule(const abi::Trace& trace) {
  model::Model model(trace.setup);
  abi::Result last;
  for (const abi::TraceLine& line : trace.lines) last = model.apply(line.call);
  return last.rule != 0 ? model::rules()[last.rule].id : std::string_view();
}

}  // namespace proofs
