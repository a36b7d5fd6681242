#include "model/rule.h"

#include <vector>

#include "model/rules/all.h"

namespace model {

std::span<const RuleInfo> rules() {
  static const std::vector<RuleInfo> all = [] {
    std::vector<RuleInfo> out{{"", abi::Errno::kOk, {}, {}, "", "", "no rule", "", false}};
    std::apply(
        [&out](const auto&... table) {
          (for_each(table, [&out](const auto& check) { out.push_back(check.info); }), ...);
        },
        spec::kTables);
    return out;
  }();
  return all;
}

}  // namespace model
