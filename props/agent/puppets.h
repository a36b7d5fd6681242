// The supervisor's end of the puppets' channels: starting scripts, waiting, passing descriptors.
//
// There is one Puppets object in a process (the shared memory has one address). All waiting is
// bounded by a deadline; a puppet that does not answer is the caller's business.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "props/agent/script.h"
#include "props/agent/unique_fd.h"

namespace props::agent {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

class Puppets {
 public:
  // Makes and maps the shared memory, and takes slot 0 for the enclosure's init. Says what went
  // wrong, or nothing.
  std::optional<std::string> open();

  int memfd() const { return memfd_.get(); }

  // A slot without a puppet; nothing if all are taken.
  std::optional<std::size_t> allocate();
  void release(std::size_t slot);
  // Makes a slot ready for a new puppet.
  void renew(std::size_t slot);

  // Lets the puppet of the script's slot carry it out.
  void start(const Script& script);
  bool idle(std::size_t slot) const;
  std::uint32_t births(std::size_t slot) const;

  // Waits until a puppet did something after `seen` was read, at most until the deadline or for
  // `at_most`. False if nothing happened.
  std::uint32_t bell() const;
  bool wait(std::uint32_t seen, Deadline deadline, std::chrono::microseconds at_most) const;

  // Waits until ready() holds; false at the deadline. `at_most` bounds a single sleep, for
  // conditions that no puppet announces (that it died).
  template <class Ready>
  bool wait_for(Deadline deadline, std::chrono::microseconds at_most, Ready ready) const {
    for (;;) {
      const std::uint32_t seen = bell();
      if (ready()) return true;
      if (Clock::now() >= deadline) return false;
      wait(seen, deadline, at_most);
    }
  }

 private:
  UniqueFd memfd_;
  std::array<bool, kSlots> taken_{};
};

// Descriptors to and from puppets travel over a socket as SCM_RIGHTS: the open file description
// stays the same, and so does who opened it.

// Sends `fd` to the puppet whose script receives it next.
bool send_fd(int socket, int fd);
// What a puppet's send() step sent; an empty UniqueFd if there is nothing.
UniqueFd receive_fd(int socket);
// Throws away what a script should have received and did not.
void drain(int socket);

// The step that receives a descriptor, and where its number then stands.
struct Received {
  StepId step;
  const std::int32_t* fd;
};
Received receive_fd(Script& script);

// A message in a script's buffer, to send the descriptor whose number is put into *fd.
struct Parcel {
  const void* message;
  std::int32_t* fd;
};
Parcel make_parcel(Script& script);
// Adds the steps that send it and close the puppet's own copy.
void send(Script& script, const Parcel& parcel, Need need);

}  // namespace props::agent
