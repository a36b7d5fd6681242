#include "props/differ/compare.h"

#include <algorithm>
#include <string>

#include "abi/trace.h"
#include "props/differ/describe.h"

namespace props {
namespace {

bool returns_ns_id(const abi::Call& call) {
  const auto* ioctl = std::get_if<abi::NsIoctl>(&call.op);
  return ioctl != nullptr &&
         (ioctl->op == abi::NsOp::get_id || ioctl->op == abi::NsOp::get_mntns_id);
}

bool same_count(const abi::ObjectView& a, const abi::ObjectView& b) {
  return !a.counted || (a.refs == b.refs && a.active == b.active);
}

bool same_but_names(const abi::TaskView& a, const abi::TaskView& b) {
  return a.state == b.state && a.uid == b.uid && a.gid == b.gid && a.effective == b.effective &&
         a.permitted == b.permitted && a.inheritable == b.inheritable && a.bounding == b.bounding &&
         a.ambient == b.ambient && a.chrooted == b.chrooted;
}

std::string kind_name(std::size_t kind) {
  return std::string(name(static_cast<abi::ObjKind>(kind)));
}

}  // namespace

void Comparison::start(const Scope& scope) {
  scope_ = scope;
  at_ = 0;
  for (Ledger& ledger : ledgers_) ledger.clear();
  shown_.clear();
  ids_.clear();
  found_.reset();
}

void Comparison::differ(Check check, std::string what, std::vector<abi::ObjId> objects) {
  if (found_) return;
  found_ = Difference{check, at_, reference_, subject_, std::move(what), std::move(objects)};
}

void Comparison::results(const abi::Call& call, const abi::Result& reference,
                         const abi::Result& subject) {
  reference_ = reference;
  subject_ = subject;
  bool same = reference.error == subject.error && reference.skipped == subject.skipped;
  if (same && scope_.values) {
    same = reference.value == subject.value;
    if (reference.ok() && returns_ns_id(call)) {
      same = ids_.relate(static_cast<std::uint64_t>(reference.value),
                         static_cast<std::uint64_t>(subject.value));
    }
  }
  if (!same) {
    differ(Check::result,
           print(expectation_of(reference)) + " against " + print(expectation_of(subject)));
  } else if (scope_.steps && reference.steps != subject.steps) {
    differ(Check::steps, std::to_string(reference.steps) + " fallible steps reached against " +
                             std::to_string(subject.steps));
  }
}

abi::ObjId Comparison::renamed(abi::ObjId reference) const {
  const Ledger& ledger = ledgers_[kReference];
  const std::uint32_t partner = ledger[ledger.known(reference)].partner;
  return partner == 0 ? abi::kNoObject : ledgers_[kSubject][partner].id;
}

bool Comparison::relate(abi::ObjId a, abi::ObjId b) {
  if (a == abi::kNoObject || b == abi::kNoObject) return a == b;
  const std::uint32_t i = reference().find(a);
  const std::uint32_t j = subject().find(b);
  Entry& left = reference()[i];
  Entry& right = subject()[j];
  if (left.partner == j) return true;
  if (left.partner != 0 || right.partner != 0) return false;
  left.partner = j;
  right.partner = i;
  return true;
}

void Comparison::pair(abi::TaskId task, std::string_view slot, abi::ObjId reference,
                      abi::ObjId subject) {
  if (relate(reference, subject)) return;
  differ(Check::pairing, describe_pairing(task, slot, reference, subject, renamed(reference)),
         {reference});
}

void Comparison::tasks(abi::TaskId id, const abi::TaskView& reference,
                       const abi::TaskView& subject) {
  if (id.n >= shown_.size()) shown_.resize(id.n + std::size_t{1});
  Shown& shown = shown_[id.n];
  // Related once is related for good: only what changed is looked up.
  for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
    if (reference.ns[i] == shown.reference.ns[i] && subject.ns[i] == shown.subject.ns[i]) continue;
    pair(id, name(static_cast<abi::NsLink>(i)), reference.ns[i], subject.ns[i]);
  }
  if (scope_.nsproxy &&
      (reference.nsproxy != shown.reference.nsproxy || subject.nsproxy != shown.subject.nsproxy)) {
    pair(id, "nsproxy", reference.nsproxy, subject.nsproxy);
  }
  if (!same_but_names(reference, subject)) {
    differ(Check::task, describe_task_difference(id, reference, subject));
  }
  shown.reference = reference;
  shown.subject = subject;
}

// Relates objects that are the only unrelated ones of their kind born on both sides.
void Comparison::pair_newborn() {
  if (reference().born().empty() || subject().born().empty()) return;
  std::array<std::uint8_t, abi::kObjKinds> unrelated[2] = {};
  std::array<abi::ObjId, abi::kObjKinds> last[2] = {};
  for (const Side side : {kReference, kSubject}) {
    for (const std::uint32_t number : ledgers_[side].born()) {
      const Entry& entry = ledgers_[side][number];
      if (!entry.view.alive || entry.partner != 0) continue;
      const std::size_t kind = index(entry.view.kind);
      unrelated[side][kind] = static_cast<std::uint8_t>(std::min(unrelated[side][kind] + 1, 2));
      last[side][kind] = entry.id;
    }
  }
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
    if (unrelated[kReference][kind] == 1 && unrelated[kSubject][kind] == 1) {
      relate(last[kReference][kind], last[kSubject][kind]);
    }
  }
}

void Comparison::compare_pair(const Entry& reference, const Entry& subject) {
  const abi::ObjectView& a = reference.view;
  const abi::ObjectView& b = subject.view;
  if (!a.alive && !b.alive) return;
  const bool same =
      a.kind == b.kind && a.alive == b.alive && a.counted == b.counted && a.detail == b.detail &&
      (a.owner == abi::kNoObject ? b.owner == abi::kNoObject : renamed(a.owner) == b.owner);
  if (same && same_count(a, b)) return;
  differ(same || a.alive != b.alive ? Check::refs : Check::object,
         describe_object_difference(reference.id, a, b, renamed(a.owner)), {reference.id});
}

void Comparison::compare_sums() {
  const Ledger::Sums& a = reference().sums();
  const Ledger::Sums& b = subject().sums();
  if (a == b) return;
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
    if (a[kind] == b[kind]) continue;
    std::vector<abi::ObjId> concerned;
    for (const std::uint32_t number : reference().changed()) {
      const Entry& entry = reference()[number];
      if (index(entry.view.kind) == kind) concerned.push_back(entry.id);
    }
    differ(Check::multiset, "the " + kind_name(kind) + " objects differ in their counts or details",
           std::move(concerned));
  }
}

void Comparison::objects() {
  pair_newborn();
  for (const std::uint32_t number : reference().changed()) {
    const Entry& entry = reference()[number];
    if (entry.partner != 0) compare_pair(entry, subject()[entry.partner]);
  }
  for (const std::uint32_t number : subject().changed()) {
    const Entry& entry = subject()[number];
    if (entry.partner != 0) compare_pair(reference()[entry.partner], entry);
  }
  compare_sums();
  for (Ledger& ledger : ledgers_) ledger.forget_changes();
}

void Comparison::totals(const abi::Totals& reference, const abi::Totals& subject) {
  if (reference == subject) return;
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
    if (reference[kind] == subject[kind]) continue;
    differ(Check::totals, std::to_string(reference[kind]) + " live " + kind_name(kind) +
                              " objects against " + std::to_string(subject[kind]));
  }
}

void Comparison::whole(Side side, const abi::View& view, const abi::Totals& totals) {
  const std::string who = side == kReference ? "the reference" : "the subject";
  const Ledger& ledger = ledgers_[side];
  abi::Totals counted{};
  Ledger::Sums sums{};
  for (const abi::ObjectEntry& object : view.objects) {
    if (!object.view.alive) continue;
    ++counted[index(object.view.kind)];
    sums[index(object.view.kind)] += Ledger::hash(object.view);
    const Entry& entry = ledger[ledger.known(object.id)];
    if (entry.view == object.view) continue;
    differ(Check::touched,
           who + " changed " + std::string(name(object.view.kind)) + " " +
               std::to_string(object.id) + " without touching it",
           {side == kReference ? object.id : reference()[entry.partner].id});
  }
  if (sums != ledger.sums()) {
    differ(Check::touched, who + " lost an object without touching it");
  }
  for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
    if (counted[kind] == totals[kind] && view.totals[kind] == totals[kind]) continue;
    differ(Check::totals, who + "'s totals have " + std::to_string(totals[kind]) + " " +
                              kind_name(kind) + " objects, its view " +
                              std::to_string(counted[kind]));
  }
}

}  // namespace props
