// Tasks: how they come, under which label and numbers, and how they go.
//
// A clone returns the child's number in its caller's pid namespace, while lines carry the number in
// strace's. In strace's own namespace they are the same; elsewhere --decode-pids=pidns says both,
// and without it the first label that nobody else explains is the child (strace sees children in
// the order in which they are made).
#include <algorithm>
#include <iterator>
#include <set>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

using abi::NsLink;

// Calls under way at once, or children not yet heard of, that are looked through: a bound.
constexpr std::size_t kMostUnderWay = 256;

std::vector<std::uint32_t> oldest(const std::set<std::uint32_t>& all) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(all.size(), kMostUnderWay));
  return {all.begin(), std::next(all.begin(), count)};
}

std::vector<std::int32_t> numbers_of(const Value* array) {
  std::vector<std::int32_t> numbers;
  if (array == nullptr || array->kind != Value::Kind::array) return numbers;
  for (const Value& item : array->items) {
    if (numbers.size() == 33) break;
    numbers.push_back(static_cast<std::int32_t>(integer(&item).value_or(0)));
  }
  return numbers;
}

}  // namespace

// The log's first task (or one whose maker it does not show), with the start's credentials.
void Replay::start_first(std::uint32_t life, bool orphan) {
  const abi::TaskId t = program_.new_task();
  program_.apply(abi::kInitialTask, abi::Fork{t}, 0);
  for (int c = 0; c <= abi::kCapLast; ++c) {
    if ((start_.bounding & abi::cap_bit(c)) != 0) continue;
    const auto number = static_cast<std::uint64_t>(c);
    program_.apply(t, abi::Prctl{abi::PrctlOp::capbset_drop, number}, 0);
  }
  if (start_.gid != 0) program_.apply(t, abi::Setresgid{start_.gid, start_.gid, start_.gid}, 0);
  if (start_.uid != 0) {
    program_.apply(t, abi::Prctl{abi::PrctlOp::set_keepcaps, 1}, 0);
    program_.apply(t, abi::Setresuid{start_.uid, start_.uid, start_.uid}, 0);
    program_.apply(t, abi::Capset{start_.caps, start_.caps, start_.caps}, 0);
    // What a program of another uid has, it has by its ambient set.
    for (int c = 0; c <= abi::kCapLast; ++c) {
      if ((start_.caps & abi::cap_bit(c)) == 0) continue;
      const auto number = static_cast<std::uint64_t>(c);
      program_.apply(t, abi::Prctl{abi::PrctlOp::ambient_raise, number}, 0);
    }
  }
  program_.apply(t, abi::Execve{}, 0);
  Task first;
  first.id = t;
  first.from_before = true;
  // With only namespace calls in the log, the first task is taken to have started like any other.
  if (orphan || (mid_life_ && writes_shown_)) first.doubt = reason::kOrphan;
  first.home = true;
  first.process = std::make_shared<Process>();
  first.files = std::make_shared<FdTable>();
  first.place = std::make_shared<Place>();
  const std::uint32_t index = tasks_.add(std::move(first));
  task(index).process->leader = index;
  tasks_.bind(index, life);
  const std::int32_t pid = log_.lives[life].born;
  if (pid != 0) tasks_.add_number(home_pid_ns_, pid, index);
  if (!orphan) return;
  numbers_unsure_ = true;
}

// The call under way that returns this very label, in strace's numbers.
std::uint32_t Replay::maker_of(std::int32_t label) const {
  for (const std::uint32_t index : oldest(pending_clones_)) {
    const LoggedCall& call = log_.calls[index];
    const std::uint32_t maker = tasks_.of_life(call.life);
    CallText text;
    if (maker == kNone || !call.finished || read_call(call.body, true, text)) continue;
    if (text.ret.kind != Return::Kind::value || text.ret.value <= 0) continue;
    const bool direct = tasks_.at(maker).home && text.ret.value == label;
    if (direct || outer_pid(text.ret.comment) == label) return index;
  }
  return kNone;
}

// Children whose label nobody knows: their makers got a number of another pid namespace, or never
// came back. Those that are made come first, then those under way as they were entered; within one
// pid namespace numbers are given out in the same order as labels.
std::vector<Replay::Candidate> Replay::candidates() const {
  std::vector<Candidate> found;
  for (const std::uint32_t child : oldest(tasks_.unseen)) {
    const Task& of = tasks_.at(child);
    if (!of.nameless) continue;
    found.push_back(
        {of.number, program_.ns(id(of.parent), NsLink::pid), child, false, of.number_asked});
  }
  for (const std::uint32_t index : oldest(pending_clones_)) {
    const LoggedCall& call = log_.calls[index];
    const std::uint32_t maker = tasks_.of_life(call.life);
    CallText text;
    if (maker == kNone || read_call(call.body, call.finished, text)) continue;
    const Return& ret = text.ret;
    const bool makes = ret.kind == Return::Kind::value && ret.value > 0;
    const bool never = !call.finished || ret.kind == Return::Kind::unknown;
    const bool elsewhere = !tasks_.at(maker).home || !tasks_.is_label(ret.value);
    if (never || (makes && elsewhere && outer_pid(ret.comment) == 0)) {
      const bool asked = call.body.find("set_tid=[") != std::string_view::npos;
      const abi::ObjId pid_ns = program_.ns(id(maker), NsLink::pid);
      found.push_back({makes ? ret.value : 0, pid_ns, index, true, asked});
    }
  }
  constexpr std::size_t kMostSorted = 32;
  for (std::size_t i = 0; i < std::min(found.size(), kMostSorted); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool known = found[i].number > 0 && found[j].number > 0 && !found[i].asked;
      const bool same = found[i].pid_ns == found[j].pid_ns && !found[j].asked;
      if (known && same && found[i].number < found[j].number) std::swap(found[i], found[j]);
    }
  }
  return found;
}

// Children of calls that came back with a label, but nobody has heard of.
std::uint32_t Replay::labelled_child() const {
  const auto found = std::ranges::find_if(
      tasks_.unseen, [&](std::uint32_t child) { return !tasks_.at(child).nameless; });
  return found == tasks_.unseen.end() ? kNone : *found;
}

bool Replay::make_now(std::uint32_t call, std::uint32_t life) {
  if (call == kNone) return false;
  Now now{log_.calls[call], call, tasks_.of_life(log_.calls[call].life), line_, {}};
  if (read_call(now.call.body, now.call.finished, now.text)) return false;
  done_[call] = true;
  pending_clones_.erase(call);
  do_clone(now, life);
  return tasks_.of_life(life) != kNone;
}

// Somebody appeared whom no carried-out clone named: its clone is under way, or has returned a
// number that is no label. `must`: it has something to say now.
void Replay::claim(std::uint32_t life, bool must) {
  if (tasks_.of_life(life) != kNone) return;
  if (make_now(maker_of(log_.lives[life].born), life)) return;
  // Who came first got the smaller label; who is heard of first is up to the scheduler.
  if (const std::vector<Candidate> all = candidates(); !all.empty()) {
    // A number that the task itself shows decides, unless it is the first of its pid namespace.
    const std::int64_t own = tasks_.own_number(life);
    const auto shown = own > 1 ? std::ranges::find(all, own, &Candidate::number) : all.end();
    const Candidate& c =
        shown != all.end() ? *shown : all[tasks_.waiting_before(life, all.size() - 1)];
    if (!c.is_maker) return tasks_.bind(c.index, life);
    if (make_now(c.index, life)) return;
  }
  const std::pair waiting{log_.lives[life].born, life};
  if (!must) {
    waiting_lives_.insert(waiting);
    return;
  }
  waiting_lives_.erase(waiting);
  // strace may run in another pid namespace than the log's first task: no number is a label then.
  if (const std::uint32_t stranger = labelled_child(); stranger != kNone) {
    return tasks_.bind(stranger, life);
  }
  start_first(life, tasks_.size() > 0);
}

std::optional<abi::Op> Replay::clone_op(const Now& now, abi::TaskId child, abi::Flags& flags) {
  const bool bad_pointer = now.failed() && now.error() == "EFAULT";
  switch (now.call.sys) {
    case Sys::fork:
      return abi::Fork{child};
    case Sys::vfork:
      flags = abi::flag::VFORK | abi::flag::VM;
      return abi::Vfork{child};
    case Sys::clone: {
      abi::Clone op{.child = child};
      const Value* const named = now.text.named("flags");
      const auto bits = number(named != nullptr ? named : now.arg(0));
      if (!bits) return std::nullopt;
      flags = op.flags = abi::Flags(*bits);
      if (flags.has(abi::flag::PIDFD)) op.pidfd = program_.new_file();
      if (bad_pointer) op.pidfd_pointer = abi::Pointer::bad;
      return op;
    }
    default:
      break;
  }
  abi::Clone3 op{.child = child};
  const Value* const args = now.arg(0);
  if (args == nullptr) return std::nullopt;
  op.size = number(now.arg(1)).value_or(op.size);
  if (args->kind != Value::Kind::structure) {
    op.args = args->is("NULL") ? abi::Pointer::null
              : bad_pointer    ? abi::Pointer::bad
                               : abi::Pointer::good;
    return op;
  }
  const auto field = [&](std::string_view name, std::uint64_t otherwise) {
    return number(args->find(name)).value_or(otherwise);
  };
  const auto bits = number(args->find("flags"));
  if (!bits) return std::nullopt;
  flags = op.flags = abi::Flags(*bits);
  op.exit_signal = field("exit_signal", 0);
  op.stack = field("stack", 0);
  op.stack_size = field("stack_size", 0);
  const Value* const tids = args->find("set_tid");
  if (tids != nullptr && !tids->items.empty() && tids->items[0].is("...")) return std::nullopt;
  op.set_tid = numbers_of(tids);
  op.set_tid_size = field("set_tid_size", op.set_tid.size());
  if (!op.set_tid.empty()) op.set_tid_pointer = abi::Pointer::good;
  op.cgroup = field("cgroup", 0);
  // The model has no cgroup directories. A descriptor that is known to be one is left out.
  const Value* const cgroup = args->find("cgroup");
  const bool known =
      cgroup != nullptr && (thing_of(now.task, cgroup) != nullptr || !cgroup->note.empty());
  if (known || !now.failed()) op.flags &= ~abi::flag::INTO_CGROUP;
  if (flags.has(abi::flag::PIDFD)) op.pidfd = program_.new_file();
  if (bad_pointer) op.pidfd_pointer = abi::Pointer::bad;
  const Value* const pidfd = args->find("pidfd");
  const Value* const parent_tid = args->find("parent_tid");
  op.same_tid_pointer = pidfd != nullptr && parent_tid != nullptr && !pidfd->text.empty() &&
                        pidfd->text == parent_tid->text && flags.has(abi::flag::PIDFD);
  return op;
}

// The number can be held against the model only if every fork into that namespace is in the log, in
// a certain order.
bool Replay::number_is_sure(const Now& now, abi::ObjId pid_ns) const {
  if (pid_ns == home_pid_ns_ || numbers_unsure_ || log_.lives.size() < 2) return false;
  if (!seen_pid_ns_.contains(pid_ns) || unsure_in_.contains(pid_ns)) return false;
  const auto last = last_clone_in_.find(pid_ns);
  if (last != last_clone_in_.end() && last->second > now.call.entry_line) return false;
  if (pending_clones_.size() > kMostUnderWay) return false;
  return std::ranges::none_of(pending_clones_, [&](std::uint32_t index) {
    const std::uint32_t other = tasks_.of_life(log_.calls[index].life);
    return other == kNone ||
           program_.ns(tasks_.at(other).id, NsLink::pid_for_children) != home_pid_ns_;
  });
}

void Replay::do_clone(Now& now, std::uint32_t life) {
  const abi::TaskId child = program_.new_task();
  abi::Flags flags;
  auto op = clone_op(now, child, flags);
  if (!op) {
    outside(now, reason::kFlags);
    if (!now.ok()) return;
    op = abi::Fork{child};
    if (program_.apply(id(now.task), *op, now.line).ok()) {
      name_child(now, add_child(now, child, flags, *op), life);
    }
    return;
  }
  const abi::ObjId pid_ns = program_.ns(id(now.task), NsLink::pid);
  if (now.failed()) {
    const bool others = pid_ns == home_pid_ns_ || unsure_in_.contains(pid_ns);
    const bool taken = others && now.error() == "EEXIST";
    if (judge(now, *op, taken ? reason::kTaken : std::string_view()).outcome == Outcome::model_only)
      unsure_in_.insert(pid_ns);
    return;
  }
  if (!now.ok()) {
    // It never came back, but its child is there.
    if (program_.apply(id(now.task), *op, now.line).ok()) {
      name_child(now, add_child(now, child, flags, *op), life);
    }
    return;
  }
  std::optional<std::int64_t> number;
  if (number_is_sure(now, pid_ns)) number = now.value();
  const Judged j = judge(now, *op, {}, number);
  if (number && j.result.ok() && j.result.value != *number) unsure_in_.insert(pid_ns);
  if (j.outcome == Outcome::kernel_only) resynchronize_child(now, child, flags);
  name_child(now, add_child(now, child, flags, *op), life);
}

// The model refused what the kernel did: the child is made without the namespaces.
void Replay::resynchronize_child(const Now& now, abi::TaskId child, abi::Flags flags) {
  const abi::Flags shares =
      abi::flag::VM | abi::flag::FS | abi::flag::FILES | abi::flag::SIGHAND | abi::flag::THREAD;
  abi::Flags plain = flags & shares;
  if (!plain.has(abi::flag::THREAD)) plain |= abi::Flags(abi::kSIGCHLD);
  if (program_.apply(id(now.task), abi::Clone{child, plain}, now.line).ok()) return;
  if (program_.apply(id(now.task), abi::Fork{child}, now.line).ok()) return;
  program_.apply(abi::kInitialTask, abi::Fork{child}, now.line);
}

std::uint32_t Replay::add_child(const Now& now, abi::TaskId child, abi::Flags flags,
                                const abi::Op& op) {
  const Task& maker = task(now.task);
  Task t;
  t.id = child;
  t.parent = now.task;
  t.father = flags.has(abi::flag::PARENT) ? maker.father : now.task;
  t.doubt = maker.doubt;
  t.diverged_at = maker.diverged_at;
  t.history = maker.history;
  const bool thread = flags.has(abi::flag::THREAD);
  t.process = thread ? maker.process : std::make_shared<Process>(*maker.process);
  t.files = flags.has(abi::flag::FILES) ? maker.files : std::make_shared<FdTable>(*maker.files);
  if (t.files != maker.files && maker.files.use_count() > 1) {
    t.files->forget_since(now.call.entry_line);
  }
  t.place = flags.has(abi::flag::FS) ? maker.place : std::make_shared<Place>(*maker.place);
  const std::uint32_t index = tasks_.add(std::move(t));
  if (!thread) task(index).process->leader = index;
  if (flags.has(abi::flag::VFORK)) vfork_child_[now.task] = index;
  if (flags.has(abi::flag::NAMESPACES)) tasks_.remember(task(index), now.call.entry_line);
  if (flags.has(abi::flag::NEWNS)) new_mount_ns(program_.ns(id(now.task), NsLink::mnt), index);
  if (flags.has(abi::flag::NEWUSER)) assume_maps(index);
  if (flags.has(abi::flag::PIDFD)) keep_pidfd(now, index, op);
  return index;
}

// The descriptor that CLONE_PIDFD made: in clone's parent_tid, in clone3's pidfd behind the arrow.
void Replay::keep_pidfd(const Now& now, std::uint32_t child, const abi::Op& op) {
  const Value* where = now.text.named("parent_tid");
  Thing thing = new_thing();
  if (const auto* clone = std::get_if<abi::Clone>(&op)) thing->file = clone->pidfd;
  if (const auto* clone3 = std::get_if<abi::Clone3>(&op)) {
    thing->file = clone3->pidfd;
    for (const Value& out : now.arg(0)->out) {
      if (out.name == "pidfd") where = &out;
    }
  }
  thing->kind = OpenThing::Kind::pidfd;
  thing->target = child;
  thing->has_file = true;
  if (where == nullptr || where->items.size() != 1) return;
  if (const auto fd = integer(&where->items[0])) fds(now.task).set(*fd, std::move(thing), true);
}

// Numbers and the label of a new child. `life`: already known, as it spoke first.
void Replay::name_child(const Now& now, std::uint32_t child, std::uint32_t life) {
  const abi::ObjId maker_ns = program_.ns(id(now.task), NsLink::pid);
  const abi::ObjId own_ns = program_.ns(id(child), NsLink::pid);
  const std::int64_t value = now.ok() ? now.value() : 0;
  task(child).home = own_ns == home_pid_ns_;
  if (value > 0) tasks_.add_number(maker_ns, value, child);
  last_clone_in_[maker_ns] = now.line;
  last_clone_in_[own_ns] = now.line;
  if (seen_pid_ns_.insert(own_ns).second) tasks_.add_number(own_ns, 1, child);
  if (life == kNone && value > 0) {
    const std::int64_t outer = outer_pid(now.text.ret.comment);
    const std::int64_t label = outer != 0 ? outer : maker_ns == home_pid_ns_ ? value : 0;
    if (label != 0) life = tasks_.free_life(static_cast<std::int32_t>(label), now.call.entry_line);
    if (life == kNone && maker_ns != home_pid_ns_ && !waiting_lives_.empty()) {
      life = waiting_lives_.begin()->second;
    }
  }
  if (life == kNone) {
    const bool label = maker_ns == home_pid_ns_ && tasks_.is_label(value);
    task(child).nameless = !label && outer_pid(now.text.ret.comment) == 0;
    task(child).number = value;
    task(child).number_asked = now.call.body.find("set_tid=[") != std::string_view::npos;
    tasks_.unseen.insert(child);
    return;
  }
  waiting_lives_.erase({log_.lives[life].born, life});
  tasks_.bind(child, life);
  const std::int32_t label = log_.lives[life].born;
  if (label != 0 && own_ns == home_pid_ns_) tasks_.add_number(home_pid_ns_, label, child);
}

}  // namespace cli::strace_log
