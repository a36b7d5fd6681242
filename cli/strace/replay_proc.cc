// Writes to files of /proc: id maps, setgroups, clock offsets, limits.
#include <algorithm>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

// The fields of the text's lines, up to `most` in all; nothing if one is not a number.
std::optional<std::vector<std::int64_t>> numbers_in(std::string_view text, std::size_t most) {
  std::vector<std::int64_t> numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\n", 0), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const auto n = plain_number(word);
    if (!n || numbers.size() == most) return std::nullopt;
    numbers.push_back(static_cast<std::int64_t>(*n));
  }
  return numbers;
}

std::string_view up_to_nul(std::string_view bytes) {
  const std::size_t nul = bytes.find('\0');
  return bytes.substr(0, std::min(nul, bytes.size()));
}

}  // namespace

void Replay::do_write(Now& now) {
  const Value* const fd = now.arg(0);
  const Value* const data = now.arg(1);
  if (fd == nullptr || data == nullptr || data->kind != Value::Kind::string) return;
  Thing thing = thing_of(now.task, fd);
  if (thing == nullptr || (thing->kind != OpenThing::Kind::control && !fd->note.empty())) {
    // Opened without a traced call: -y may say what it is.
    const auto proc = proc_path(fd->note);
    if (!proc || proc->control == ControlFile::none) return;
    thing = new_thing();
    thing->kind = OpenThing::Kind::control;
    thing->control = proc->control;
    thing->target = proc_target(now.task, *proc);
    thing->opener = now.task;
    fds(now.task).set(integer(fd).value_or(-1), thing, false);
  }
  if (thing->kind != OpenThing::Kind::control) return;
  if (thing->control != ControlFile::limit && thing->target == kNone) {
    return outside(now, reason::kForeign);
  }
  // The kernel asks about who opened the file; whoever writes stands for him if he is gone.
  const std::uint32_t opener = program_.running(id(thing->opener)) ? thing->opener : now.task;
  Now as_opener{now.call, now.index, opener, now.line, std::move(now.text)};
  const std::string bytes = unescape(*as_opener.arg(1));
  const std::string text(up_to_nul(bytes));
  switch (thing->control) {
    case ControlFile::uid_map:
    case ControlFile::gid_map:
      return write_map(as_opener, *thing, text);
    case ControlFile::setgroups: {
      const bool allow = text.starts_with("allow");
      if (!allow && !text.starts_with("deny")) return;
      judge(as_opener, abi::WriteSetgroups{id(thing->target), allow});
      return;
    }
    case ControlFile::timens_offsets:
      return write_timens(as_opener, *thing, text);
    case ControlFile::limit: {
      const auto numbers = numbers_in(text, 1);
      if (!numbers || numbers->size() != 1) return;
      const auto max = static_cast<std::uint32_t>(
          std::clamp<std::int64_t>((*numbers)[0], 0, std::int64_t{1} << 31));
      judge(as_opener, abi::SetLimit{thing->limit, max});
      return;
    }
    case ControlFile::none:
      return;
  }
}

void Replay::write_map(const Now& now, const OpenThing& thing, const std::string& text) {
  const abi::TaskId target = id(thing.target);
  const bool uid = thing.control == ControlFile::uid_map;
  abi::WriteIdMap op{target, uid ? abi::MapKind::uid : abi::MapKind::gid, {}};
  const bool cut = now.arg(1)->cut;
  std::string_view whole = text;
  if (cut) whole = whole.substr(0, whole.rfind('\n') == std::string::npos ? 0 : whole.rfind('\n'));
  constexpr std::size_t kMostExtents = 341;  // one more than the kernel takes
  const auto numbers = numbers_in(whole, 3 * kMostExtents);
  const bool malformed = !numbers || numbers->size() % 3 != 0;
  if (!malformed) {
    for (std::size_t i = 0; i + 2 < numbers->size(); i += 3) {
      op.extents.push_back({static_cast<abi::Id>((*numbers)[i]),
                            static_cast<abi::Id>((*numbers)[i + 1]),
                            static_cast<abi::Id>((*numbers)[i + 2])});
    }
  }
  if (cut) {
    outside(now, reason::kCut);
    if (!now.ok()) return;
    if (op.extents.empty()) op.extents = {{0, 0, 0xffffffff}};
    program_.apply(abi::kInitialTask, op, now.line);
    return;
  }
  // An empty map stands for what the kernel cannot read: both are EINVAL.
  const Judged j = judge(now, op, map_excuse(now));
  if (now.ok()) tasks_.remember(task(thing.target), now.call.entry_line);
  if (j.outcome != Outcome::kernel_only) return;
  if (!map_excuse(now).empty()) {
    // So it is in one: from here on the model has it there too.
    program_.apply(id(now.task), abi::Unshare{abi::flag::NEWUSER}, now.line);
  }
  // Somebody with the privileges wrote it: the namespace goes on with its map.
  program_.apply(abi::kInitialTask, op, now.line);
}

// A task that began before the log may be in a user namespace of its own: only there can it write
// a map of itself.
std::string_view Replay::map_excuse(const Now& now) {
  const Task& of = task(now.task);
  const bool initial =
      program_.ns(of.id, abi::NsLink::user) == program_.ns(abi::kInitialTask, abi::NsLink::user);
  return of.from_before && initial && now.ok() ? reason::kOrphan : std::string_view();
}

// Where nobody sees how a user namespace gets its maps, it has the usual ones at once: its maker is
// root in it.
void Replay::assume_maps(std::uint32_t who) {
  if (writes_shown_) return;
  const abi::TaskView view = program_.view(id(who));
  const auto map = [&](abi::Id own) {
    std::vector<abi::Extent> extents{{0, own, own == 0 ? 0xffffffff : 1}};
    if (own != 0) extents.push_back({1, 100'000, 65'536});
    return extents;
  };
  using abi::MapKind;
  for (const MapKind kind : {MapKind::uid, MapKind::gid}) {
    const abi::Id own = kind == MapKind::uid ? view.uid[1] : view.gid[1];
    const abi::WriteIdMap all{id(who), kind, map(own)};
    if (program_.apply(abi::kInitialTask, all, line_).ok()) continue;
    // Nested: t0 may not, but the task may map itself.
    program_.apply(id(who), abi::WriteSetgroups{id(who), false}, line_);
    program_.apply(id(who), abi::WriteIdMap{id(who), kind, {{0, own, 1}}}, line_);
  }
}

// Lines "CLOCK SECONDS NANOSECONDS", the clock by name or number. The model has one clock.
void Replay::write_timens(const Now& now, const OpenThing& thing, std::string_view text) {
  const std::size_t end = text.find_first_of(" \t");
  if (end == std::string_view::npos) return;
  const auto numbers = numbers_in(text.substr(end, text.find('\n') - end), 2);
  if (!numbers || numbers->size() != 2) return;
  judge(now, abi::WriteTimens{id(thing.target), (*numbers)[0], (*numbers)[1]});
  if (now.ok()) tasks_.remember(task(thing.target), now.call.entry_line);
}

}  // namespace cli::strace_log
