// What may be left of a system when every task has gone: see Remains.
#pragma once

#include <string_view>
#include <unordered_map>

#include "abi/view.h"

namespace props {

// The initial namespaces stay, and with the semaphore of the initial ipc namespace the struct pid
// of who used it last (SEM-02). What that leads to is told by who holds each object: nobody but
// what is kept itself.
template <class Reference>
class Remains {
 public:
  explicit Remains(const Reference& reference) : reference_(reference) {}

  // Live objects by kind, without those that the semaphore keeps.
  abi::Totals totals() {
    abi::Totals left = reference_.totals();
    for (const abi::ObjectEntry& entry : reference_.view().objects) {
      if (is_kept(entry.id)) --left[index(entry.view.kind)];
    }
    return left;
  }

 private:
  bool is_kept(abi::ObjId id) {
    const auto [at, first] = kept_.try_emplace(id, false);
    if (!first) return at->second;
    if (id == abi::kNoObject || !reference_.object(id).counted) return false;
    const auto holders = reference_.holders(id);
    bool kept = !holders.empty();
    for (const auto& holder : holders) {
      const bool by_semaphore =
          holder.why == std::string_view("ipc_ns.sempid") && !reference_.object(holder.by).counted;
      kept = kept && (by_semaphore || is_kept(holder.by));
    }
    return kept_[id] = kept;
  }

  const Reference& reference_;
  std::unordered_map<abi::ObjId, bool> kept_;
};

}  // namespace props
