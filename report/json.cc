#include "report/json.h"

#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const Fact& f) { return {{"label", f.label}, {"text", f.text}}; }
Json value_of(const Count& c) { return {{"name", c.name}, {"value", c.value}}; }
Json value_of(const std::string& s) { return s; }
Json value_of(const std::vector<std::string>& row) { return row; }
Json value_of(const Check& c);
Json value_of(const Finding& f);
Json value_of(const Table& t);

template <class T>
Json list(const std::vector<T>& items) {
  Json all = Json::array();
  for (const T& item : items) all.push_back(value_of(item));
  return all;
}

Json value_of(const Check& c) {
  return {{"name", c.name},       {"kind", name(c.kind)},       {"verdict", name(c.verdict)},
          {"says", c.says},       {"reason", c.reason},         {"counts", list(c.counts)},
          {"seconds", c.seconds}, {"details", list(c.details)}, {"files", list(c.files)}};
}

Json value_of(const Finding& f) {
  return {{"check", f.check},       {"title", f.title},   {"trace", f.trace},
          {"facts", list(f.facts)}, {"replay", f.replay}, {"files", list(f.files)}};
}

Json value_of(const Table& t) {
  return {{"title", t.title}, {"columns", list(t.columns)}, {"rows", list(t.rows)}};
}

// A word back to its enumerator; at() of a map would not say which word it was.
template <class E>
E enum_of(const std::string& word, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (name(static_cast<E>(i)) == word) return static_cast<E>(i);
  }
  throw std::invalid_argument("unknown word \"" + word + "\"");
}

void read(const Json& j, std::string& s) { s = j.get<std::string>(); }
void read(const Json& j, Fact& f);
void read(const Json& j, Count& c);
void read(const Json& j, Check& c);
void read(const Json& j, Finding& f);
void read(const Json& j, Table& t);

template <class T>
void read(const Json& j, std::vector<T>& items);

void read(const Json& j, Fact& f) {
  read(j.at("label"), f.label);
  read(j.at("text"), f.text);
}

void read(const Json& j, Count& c) {
  read(j.at("name"), c.name);
  c.value = j.at("value").get<std::uint64_t>();
}

void read(const Json& j, Check& c) {
  read(j.at("name"), c.name);
  c.kind = enum_of<Kind>(j.at("kind").get<std::string>(), kKinds);
  c.verdict = enum_of<Verdict>(j.at("verdict").get<std::string>(), kVerdicts);
  read(j.at("says"), c.says);
  read(j.at("reason"), c.reason);
  read(j.at("counts"), c.counts);
  c.seconds = j.at("seconds").get<double>();
  read(j.at("details"), c.details);
  read(j.at("files"), c.files);
}

void read(const Json& j, Finding& f) {
  read(j.at("check"), f.check);
  read(j.at("title"), f.title);
  read(j.at("trace"), f.trace);
  read(j.at("facts"), f.facts);
  read(j.at("replay"), f.replay);
  read(j.at("files"), f.files);
}

void read(const Json& j, Table& t) {
  read(j.at("title"), t.title);
  read(j.at("columns"), t.columns);
  read(j.at("rows"), t.rows);
}

template <class T>
void read(const Json& j, std::vector<T>& items) {
  if (!j.is_array()) throw std::invalid_argument("a list expected");
  for (const Json& item : j) read(item, items.emplace_back());
}

}  // namespace

std::string to_json(const Report& report) {
  const Json json = {{"schema", kSchema},
                     {"title", report.title},
                     {"verdict", name(overall(report))},
                     {"facts", list(report.facts)},
                     {"checks", list(report.checks)},
                     {"findings", list(report.findings)},
                     {"tables", list(report.tables)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// The library reports errors by exceptions; they end here.
std::variant<Report, JsonError> from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (const int schema = json.at("schema").get<int>(); schema != kSchema) {
      return JsonError{"schema " + std::to_string(schema) + " is not " + std::to_string(kSchema)};
    }
    Report report;
    read(json.at("title"), report.title);
    read(json.at("facts"), report.facts);
    read(json.at("checks"), report.checks);
    read(json.at("findings"), report.findings);
    read(json.at("tables"), report.tables);
    return report;
  } catch (const std::exception& e) {
    return JsonError{e.what()};
  }
}

}  // namespace report
