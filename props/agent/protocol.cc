#include "props/agent/protocol.h"

#include <array>
#include <charconv>

#include "abi/trace.h"

namespace props::agent {
namespace {

using nsabi::NsLink;
using nsabi::ObjId;
using nsabi::TaskState;

constexpr std::string_view kGreeting = "nsproxy-agent";
constexpr std::string_view kNotRun = "not-run ";
constexpr std::string_view kBroken = "broken ";
constexpr std::string_view kRelations = "relations";
constexpr std::string_view kPart = " | ";
constexpr std::array<std::string_view, 5> kStates = {"none", "running", "blocked", "dying",
                                                     "zombie"};
constexpr std::array<std::string_view, 5> kCapSets = {"eff", "prm", "inh", "bnd", "amb"};

template <class View>
auto cap_sets(View& v) {
  return std::array{&v.effective, &v.permitted, &v.inheritable, &v.bounding, &v.ambient};
}

void append(std::string& out, std::uint64_t value, int base = 10) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
  out.append(text.data(), end);
}

template <class T>
bool read(std::string_view text, T& value, int base = 10) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc{} && at == end;
}

// An identity: a number, and .N for the N-th namespace after the first that it stands for.
void append_id(std::string& out, ObjId id) {
  append(out, id & 0xffffffff);
  if (id >> 32 == 0) return;
  out += '.';
  append(out, id >> 32);
}

bool read_id(std::string_view text, ObjId& id) {
  std::uint32_t number = 0, generation = 0;
  const std::size_t dot = text.find('.');
  if (!read(text.substr(0, dot), number)) return false;
  if (dot != std::string_view::npos && !read(text.substr(dot + 1), generation)) return false;
  id = static_cast<ObjId>(generation) << 32 | number;
  return true;
}

// Takes what stands before the next separator.
std::string_view take(std::string_view& text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
  return head;
}

void append_ids(std::string& out, std::string_view key, const std::array<nsabi::Id, 3>& ids) {
  out += key;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ',';
    append(out, ids[i]);
  }
}

bool read_ids(std::string_view text, std::array<nsabi::Id, 3>& ids) {
  for (nsabi::Id& id : ids) {
    if (!read(take(text, ","), id)) return false;
  }
  return text.empty();
}

void append_task(std::string& out, const nsabi::TaskEntry& task) {
  const nsabi::TaskView& v = task.view;
  out += 't';
  append(out, task.id.n);
  out += ' ';
  out += kStates[static_cast<std::size_t>(v.state)];
  if (v.state == TaskState::none) return;
  for (std::size_t i = 0; i < nsabi::kNsLinks; ++i) {
    if (v.ns[i] == nsabi::kNoObject) continue;
    out += ' ';
    out += nsabi::name(static_cast<NsLink>(i));
    out += '=';
    append_id(out, v.ns[i]);
  }
  append_ids(out, " uid=", v.uid);
  append_ids(out, " gid=", v.gid);
  const auto sets = cap_sets(v);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    out += ' ';
    out += kCapSets[i];
    out += '=';
    append(out, *sets[i], 16);
  }
  if (v.chrooted) out += " chrooted";
}

bool read_field(std::string_view word, nsabi::TaskView& v) {
  if (word == "chrooted") return v.chrooted = true;
  const std::string_view key = take(word, "=");
  if (key == "uid") return read_ids(word, v.uid);
  if (key == "gid") return read_ids(word, v.gid);
  const auto sets = cap_sets(v);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (key == kCapSets[i]) return read(word, *sets[i], 16);
  }
  const auto link = nsabi::ns_link_from(key);
  return link && read_id(word, v.ns[index(*link)]);
}

bool read_task(std::string_view text, nsabi::TaskEntry& task) {
  const std::string_view name = take(text, " ");
  if (!name.starts_with('t') || !read(name.substr(1), task.id.n)) return false;
  const std::string_view state = take(text, " ");
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (state != kStates[i]) continue;
    task.view.state = static_cast<TaskState>(i);
    while (!text.empty()) {
      if (!read_field(take(text, " "), task.view)) return false;
    }
    return true;
  }
  return false;
}

// "ok", "ok 5", "EPERM", "skipped"
bool read_result(std::string_view text, nsabi::Result& result) {
  const std::string_view word = take(text, " ");
  if (word == "skipped") {
    result = nsabi::Result::skip();
    return text.empty();
  }
  const auto error = nsabi::errno_from(word);
  if (!error) return false;
  result = {.error = *error};
  return text.empty() || (result.ok() && read(text, result.value));
}

}  // namespace

std::string_view name(Part part) {
  static constexpr std::array<std::string_view, kParts> kNames = {"links", "dying",   "uid",
                                                                  "caps",  "ambient", "chrooted"};
  return kNames[static_cast<std::size_t>(part)];
}

void hide(const Unseen& unseen, nsabi::TaskView& view) {
  if (unseen.has(Part::links)) view.ns = {};
  if (unseen.has(Part::dying) && view.state == TaskState::dying) view.state = TaskState::running;
  if (unseen.has(Part::uid)) view.uid = view.gid = {};
  const nsabi::CapSet hidden = unseen.has(Part::caps) ? nsabi::kCapFull : unseen.caps;
  for (nsabi::CapSet* set : cap_sets(view)) *set &= ~hidden;
  if (unseen.has(Part::ambient)) view.ambient = 0;
  if (unseen.has(Part::chrooted)) view.chrooted = false;
}

namespace {

void append_unseen(std::string& out, const Unseen& unseen) {
  std::string_view before = " unseen=";
  for (std::size_t i = 0; i < kParts; ++i) {
    if (!unseen.part[i]) continue;
    out += before;
    out += name(static_cast<Part>(i));
    before = ",";
  }
  if (unseen.caps != 0) out += " unseen-caps=" + nsabi::caps_to_string(unseen.caps);
}

bool read_parts(std::string_view text, Unseen& unseen) {
  while (!text.empty()) {
    const std::string_view word = take(text, ",");
    std::size_t i = 0;
    while (i < kParts && word != name(static_cast<Part>(i))) ++i;
    if (i == kParts) return false;
    unseen.part[i] = true;
  }
  return true;
}

}  // namespace

std::string print(const Greeting& g) {
  std::string out(kGreeting);
  out += ' ';
  append(out, kProtocolVersion);
  out += " profile=" + nsabi::to_string(g.profile) + " mode=" + g.mode;
  out +=
      " caps=" + nsabi::caps_to_string(g.caps) + " bounding=" + nsabi::caps_to_string(g.bounding);
  out += g.any_id ? " uids=any" : " uids=0";
  append_unseen(out, g.unseen);
  return out;
}

std::optional<Greeting> parse_greeting(std::string_view line) {
  Greeting g;
  int version = 0;
  if (take(line, " ") != kGreeting) return std::nullopt;
  if (!read(take(line, " "), version) || version != kProtocolVersion) return std::nullopt;
  while (!line.empty()) {
    std::string_view word = take(line, " ");
    const std::string_view key = take(word, "=");
    if (key == "profile") {
      const auto profile = nsabi::profile_from(word);
      if (!profile) return std::nullopt;
      g.profile = *profile;
    } else if (key == "mode") {
      g.mode = word;
    } else if (key == "caps" || key == "bounding" || key == "unseen-caps") {
      const auto caps = nsabi::caps_from(word);
      if (!caps) return std::nullopt;
      (key == "caps" ? g.caps : key == "bounding" ? g.bounding : g.unseen.caps) = *caps;
    } else if (key == "uids" && (word == "any" || word == "0")) {
      g.any_id = word == "any";
    } else if (key == "unseen") {
      if (!read_parts(word, g.unseen)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return g;
}

std::string print(const Answer& a) {
  if (a.kind == Answer::Kind::not_run) return std::string(kNotRun) + a.reason;
  if (a.kind == Answer::Kind::broken) return std::string(kBroken) + a.reason;
  std::string out = nsabi::print(nsabi::expectation_of(a.result));
  for (const nsabi::TaskEntry& task : a.changed) {
    out += kPart;
    append_task(out, task);
  }
  return out;
}

std::optional<Answer> parse_answer(std::string_view line) {
  Answer a;
  if (line.starts_with(kNotRun) || line.starts_with(kBroken)) {
    const std::string_view word = line.starts_with(kNotRun) ? kNotRun : kBroken;
    a.kind = word == kNotRun ? Answer::Kind::not_run : Answer::Kind::broken;
    a.reason = line.substr(word.size());
    return a;
  }
  if (!read_result(take(line, kPart), a.result)) return std::nullopt;
  while (!line.empty()) {
    if (!read_task(take(line, kPart), a.changed.emplace_back())) return std::nullopt;
  }
  return a;
}

std::string print(const std::vector<Relation>& all) {
  std::string out(kRelations);
  for (const Relation& r : all) {
    out += kPart;
    append_id(out, r.ns);
    out += ' ';
    out += nsabi::name(r.type);
    if (r.owner != nsabi::kNoObject) append_id(out += " owner=", r.owner);
    if (r.parent != nsabi::kNoObject) append_id(out += " parent=", r.parent);
    if (r.owner_uid) append(out += " uid=", *r.owner_uid);
  }
  return out;
}

std::optional<std::vector<Relation>> parse_relations(std::string_view line) {
  std::vector<Relation> all;
  if (take(line, kPart) != kRelations) return std::nullopt;
  while (!line.empty()) {
    std::string_view part = take(line, kPart);
    Relation& r = all.emplace_back();
    if (!read_id(take(part, " "), r.ns)) return std::nullopt;
    const auto type = nsabi::ns_type_from(take(part, " "));
    if (!type) return std::nullopt;
    r.type = *type;
    while (!part.empty()) {
      std::string_view word = take(part, " ");
      const std::string_view key = take(word, "=");
      nsabi::Id uid = 0;
      const bool good = key == "owner"    ? read_id(word, r.owner)
                        : key == "parent" ? read_id(word, r.parent)
                                          : key == "uid" && read(word, uid);
      if (!good) return std::nullopt;
      if (key == "uid") r.owner_uid = uid;
    }
  }
  return all;
}

}  // namespace props::agent
