// Tallies and names of a heap: see heap.h.
#include "proofs/counts/heap.h"

#include <algorithm>

namespace proofs {

abi::ObjId Node::at(std::string_view role) const {
  for (const Link& l : links) {
    if (l.role == role) return l.to;
  }
  return abi::kNoObject;
}

std::uint64_t Node::field(std::string_view name) const {
  for (const Field& f : fields) {
    if (f.name == name) return f.value;
  }
  return 0;
}

const Node* Heap::find(abi::ObjId id) const {
  const auto at = std::lower_bound(nodes.begin(), nodes.end(), id,
                                   [](const Node& n, abi::ObjId i) { return n.id < i; });
  return at != nodes.end() && at->id == id ? &*at : nullptr;
}

const Node* Heap::task(abi::TaskId name) const {
  for (const Node& n : nodes) {
    if (n.kind == kTaskNode && n.field("name") == name.n) return &n;
  }
  return nullptr;
}

std::string_view kind_name(std::size_t kind) {
  return kind < abi::kObjKinds ? abi::name(static_cast<abi::ObjKind>(kind)) : "task";
}

namespace {

bool is_namespace(const Node& n) { return n.kind < abi::kNsTypes; }

// A nsproxy's namespaces are in use while a task, seen or not, points at it.
bool is_attached(const Heap& heap, const Node& nsproxy) {
  if (nsproxy.refs.unseen) return true;
  return std::any_of(heap.nodes.begin(), heap.nodes.end(), [&](const Node& n) {
    return n.kind == kTaskNode && n.at("nsproxy") == nsproxy.id;
  });
}

}  // namespace

Tally::Tally(const Heap& heap) {
  const auto follow = [&](const Node& n, const Link& l, bool used) {
    Entry& to = of[l.to];
    if (l.holds) ++to.holders;
    if (l.uses && used) ++to.users;
    if (l.role != "owner" || !is_namespace(n) || n.initial) return;
    if (n.active.known > 0) {
      ++to.users;
    } else if (n.active.unseen) {
      to.perhaps_users.push_back(*n.active.unseen != 0);
    }
  };
  for (const Node& n : heap.nodes) {
    const bool used = n.kind != index(abi::ObjKind::nsproxy) || is_attached(heap, n);
    for (const Link& l : n.links) follow(n, l, used);
    if (!is_namespace(n)) continue;
    // A namespace is charged once on each level upwards from where it was made.
    for (const Node* u = heap.find(n.at("charged")); u != nullptr;) {
      ++of[u->id].charges[n.kind];
      const Node* const user = heap.find(u->at("user"));
      u = user != nullptr ? heap.find(user->at("charged")) : nullptr;
    }
  }
  for (const Link& l : heap.caller) {
    if (l.holds) ++of[l.to].holders;
  }
}

const Tally::Entry& Tally::at(abi::ObjId id) const {
  static const Entry nobody;
  const auto found = of.find(id);
  return found == of.end() ? nobody : found->second;
}

namespace {

std::string in_words(std::size_t kind) {
  switch (kind) {
    case index(abi::ObjKind::pid_ns):
      return "pid namespace";
    case index(abi::ObjKind::cred):
      return "credentials";
    case index(abi::ObjKind::pid):
      return "struct pid";
    case index(abi::ObjKind::mm):
    case index(abi::ObjKind::fs):
    case index(abi::ObjKind::nsproxy):
    case index(abi::ObjKind::ucounts):
    case index(abi::ObjKind::sighand):
    case index(abi::ObjKind::file):
      return std::string(kind_name(kind));
    case index(abi::ObjKind::inode):
      return "namespace file's inode";
    case index(abi::ObjKind::signal):
      return "thread group";
    default:
      return std::string(kind_name(kind)) + (kind < abi::kNsTypes ? " namespace" : "");
  }
}

std::string task_name(const Node& task) { return "t" + std::to_string(task.field("name")); }

// A task's own pointer to it, or one of its nsproxy's.
std::string by_task(const Heap& heap, abi::ObjId id) {
  for (const Node& t : heap.nodes) {
    if (t.kind != kTaskNode) continue;
    for (const Link& l : t.links) {
      if (l.to == id && (l.holds || l.uses)) {
        return task_name(t) + "'s " + std::string(l.role) +
               (heap.find(id)->kind < abi::kNsTypes ? " namespace" : "");
      }
    }
    const Node* const nsproxy = heap.find(t.at("nsproxy"));
    if (nsproxy == nullptr) continue;
    for (const Link& l : nsproxy->links) {
      if (l.to == id) return task_name(t) + "'s " + std::string(l.role) + " namespace";
    }
  }
  return {};
}

}  // namespace

namespace {

// What leads to it may itself be known by what leads there only.
constexpr int kFar = 3;

std::string describe_from(const Heap& heap, const Heap& before, abi::ObjId id, int far) {
  const Node* const now = heap.find(id);
  const Node* const was = before.find(id);
  const Node* const node = now != nullptr ? now : was;
  if (node == nullptr) return "an object that is gone";
  if (node->kind == kTaskNode) return task_name(*node);
  if (was == nullptr) return "the new " + in_words(node->kind);
  // As it was known before the call, for that is what a reader knows.
  const std::string known = by_task(before, id);
  if (!known.empty()) return known;
  if (was->initial) return "the initial " + in_words(node->kind);
  for (const Node& n : before.nodes) {
    for (const Link& l : n.links) {
      if (l.to != id || !l.holds || n.id == id || far == 0) continue;
      return "the " + in_words(node->kind) + " of " + describe_from(before, before, n.id, far - 1);
    }
  }
  return "a " + in_words(node->kind);
}

}  // namespace

std::string describe(const Heap& heap, const Heap& before, abi::ObjId id) {
  return describe_from(heap, before, id, kFar);
}

std::string holders_of(const Heap& heap, const Heap& before, abi::ObjId id) {
  std::string all;
  const auto add = [&](std::string text) { all += (all.empty() ? "" : ", ") + std::move(text); };
  for (const Node& n : heap.nodes) {
    for (const Link& l : n.links) {
      if (l.to != id || !l.holds) continue;
      add(n.id == id ? "its descriptor"
                     : describe(heap, before, n.id) + " (" + std::string(l.role) + ")");
    }
  }
  for (const Link& l : heap.caller) {
    if (l.to == id && l.holds) add("the caller");
  }
  return all.empty() ? "nobody" : all;
}

}  // namespace proofs
