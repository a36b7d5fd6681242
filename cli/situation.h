// Where a call is made: what `nsproxy explain` knows of the caller, and the model brought there.
//
// A situation is data, so that explain can also ask "and what if": it varies one field and builds
// the model again (see explain.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abi/trace.h"
#include "cli/io.h"
#include "model/model.h"

namespace cli {

// Fields in the order in which they are carried out. Each is a call or two of t0's, which begins as
// root with every capability in the initial namespaces, alone in its process.
struct Situation {
  abi::Profile profile{};
  std::optional<abi::Trace> trace;  // replayed first; its profile is not looked at
  std::vector<std::string> limits;  // types of which root allows no more (user.max_*_namespaces)
  std::optional<abi::Id> uid;       // t0's uids and gids
  std::optional<abi::CapSet> caps;  // t0's; left out: all for root, none for others
  bool unmapped = false;            // t0 is in a fresh user namespace without id maps
  bool chroot = false;
  bool threads = false;            // t0's process has a second thread
  bool shared_fs = false;          // t0 shares its fs_struct (CLONE_FS) with another process
  bool own = false;                // the file of the setns to explain is the caller's own namespace
  std::vector<std::string> after;  // calls, as in trace text
  std::optional<abi::TaskId> caller;  // makes the call to explain, instead of the one it names
};

// A call of the user's, and what came of it.
struct Done {
  abi::Call call;
  abi::Result result;
};

// The model, brought into a situation, and the call to explain.
struct Scene {
  explicit Scene(const abi::Setup& setup) : model(setup) {}

  model::Model model;
  abi::Call call;
  std::vector<Done> before;        // the calls of Situation::after
  std::size_t replayed = 0;        // calls of the trace
  std::vector<Done> differing;     // those whose result is not the expected one
  std::vector<std::string> notes;  // what was taken for granted
  std::uint32_t next_name = 1;     // above every name in use
};

// `call` is read in the scene, so that names it leaves out are free there. A setns whose file the
// situation never opens gets one: a namespace of another process (`own`: of the caller).
std::variant<Scene, Failure> build(const Situation& situation, std::string_view call);

// The call that `text` names: trace text, or pthread_create() and posix_spawn().
std::variant<abi::Call, Failure> read_call(std::string_view text, std::uint32_t next_name);

}  // namespace cli
