// Two maps that are kept each other's inverse.
#include "cli/strace/identities.h"

#include "abi/call.h"

namespace cli::strace_log {

abi::ObjId Identities::of(abi::NsType type, std::uint64_t inum) const {
  const auto found = ns_of_.find(key(type, inum));
  return found == ns_of_.end() ? abi::kNoObject : found->second;
}

std::uint64_t Identities::inum_of(abi::ObjId ns) const {
  const auto found = inum_of_.find(ns);
  return found == inum_of_.end() ? 0 : found->second;
}

void Identities::bind(abi::NsType type, std::uint64_t inum, abi::ObjId ns) {
  if (const auto old = ns_of_.find(key(type, inum)); old != ns_of_.end()) {
    inum_of_.erase(old->second);
  }
  if (const auto old = inum_of_.find(ns); old != inum_of_.end()) {
    ns_of_.erase(key(type, old->second));
  }
  ns_of_[key(type, inum)] = ns;
  inum_of_[ns] = inum;
}

std::string Identities::name(abi::NsType type, abi::ObjId ns) {
  const auto [at, fresh] = ordinal_.try_emplace(ns, next_[abi::index(type)]);
  if (fresh) ++next_[abi::index(type)];
  return std::string(abi::name(type)) + ":" + std::to_string(at->second);
}

}  // namespace cli::strace_log
