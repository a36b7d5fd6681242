// Identities of namespaces, from inode numbers that the kernel gives anew once a namespace is dead.
//
// An identity is the inode number and, above bit 32, how often that number was met on a namespace
// known to be new: new ones come only from calls that make them, so whoever carries out the call
// says so. A namespace that was out of sight for a while keeps its identity.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "abi/view.h"

namespace props::agent {

class NsIds {
 public:
  nsabi::ObjId id(std::uint64_t inode) {
    if (inode == 0) return nsabi::kNoObject;
    return inode | generations_.try_emplace(inode, 0).first->second << 32;
  }
  // The same, but nothing for a number that was never asked for before.
  nsabi::ObjId known(std::uint64_t inode) const {
    const auto at = generations_.find(inode);
    return at == generations_.end() ? nsabi::kNoObject : inode | at->second << 32;
  }
  // The namespace with that number has just been made.
  void made(std::uint64_t inode) {
    if (inode == 0) return;
    const auto [at, first] = generations_.try_emplace(inode, 0);
    if (!first) ++at->second;
  }
  void forget() { generations_.clear(); }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> generations_;
};

}  // namespace props::agent
