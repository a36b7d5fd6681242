// The names in a call, visited by what they are for.
#pragma once

#include <variant>

#include "abi/call.h"

namespace props {

// Calls visit(name, makes) for every TaskId, FileId and BindId operand of the operation, with
// `makes` true where the call gives the name to something new. Callers are not among them.
template <class O, class Visit>
void visit_names(O& op, Visit&& visit) {
  std::visit(
      [&](auto& c) {
        using C = std::decay_t<decltype(c)>;
        if constexpr (requires { c.child; }) visit(c.child, !std::is_same_v<C, abi::Wait>);
        if constexpr (requires { c.pidfd; }) {
          if (c.flags.has(abi::flag::PIDFD)) visit(c.pidfd, true);
        }
        if constexpr (requires { c.made; }) visit(c.made, true);
        if constexpr (requires { c.bind; }) visit(c.bind, std::is_same_v<C, abi::BindNs>);
        if constexpr (requires { c.file; }) {
          visit(c.file, std::is_same_v<C, abi::OpenNs> || std::is_same_v<C, abi::OpenPidfd> ||
                            std::is_same_v<C, abi::OpenFile>);
        }
        if constexpr (std::is_same_v<C, abi::OpenFile>) {
          if (c.kind == abi::FileKind::proc_dir) visit(c.target, false);
        } else if constexpr (requires { c.target; }) {
          visit(c.target, false);
        }
      },
      op);
}

}  // namespace props
