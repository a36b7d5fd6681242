#include "props/agent/puppets.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>

#include "props/agent/puppet.h"
#include "props/agent/raw.h"

namespace props::agent {
namespace {

// A message that carries one descriptor and one byte.
struct Envelope {
  msghdr header{};
  iovec part{};
  char byte = 'f';
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};

  // The pointers among its fields, once it lies where it stays.
  void link() {
    part = {&byte, 1};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  void address_rights() {
    auto* c = reinterpret_cast<cmsghdr*>(control);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
  }
  std::int32_t* fd() {
    return reinterpret_cast<std::int32_t*>(CMSG_DATA(reinterpret_cast<cmsghdr*>(control)));
  }
};

std::int64_t futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                        std::chrono::nanoseconds timeout) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const timespec t{timeout.count() / kSecond, timeout.count() % kSecond};
  return raw_syscall(SYS_futex, reinterpret_cast<std::uint64_t>(&word), FUTEX_WAIT, seen,
                     reinterpret_cast<std::uint64_t>(&t));
}

}  // namespace

std::optional<std::string> Puppets::open() {
  memfd_.reset(memfd_create("nsproxy-agent", MFD_CLOEXEC));
  if (!memfd_) return "no memfd_create";
  if (ftruncate(memfd_.get(), sizeof(Shared)) != 0) return "cannot size the shared memory";
  if (!map_shared(memfd_.get())) return "the shared memory's address is not free";
  taken_[0] = true;
  return std::nullopt;
}

std::optional<std::size_t> Puppets::allocate() {
  const auto free = std::find(taken_.begin(), taken_.end(), false);
  if (free == taken_.end()) return std::nullopt;
  *free = true;
  const auto index = static_cast<std::size_t>(free - taken_.begin());
  renew(index);
  return index;
}

void Puppets::renew(std::size_t index) {
  Slot& slot = shared()->slot[index];
  // A predecessor may have been killed within a script.
  slot.done.store(slot.command.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void Puppets::release(std::size_t slot) { taken_[slot] = false; }

void Puppets::start(const Script& script) {
  Slot& slot = shared()->slot[script.slot()];
  // Release: pairs with the acquire load in run_puppet(), after the script.
  slot.command.fetch_add(1, std::memory_order_release);
  raw_syscall(SYS_futex, reinterpret_cast<std::uint64_t>(&slot.command), FUTEX_WAKE, 1);
}

bool Puppets::idle(std::size_t index) const {
  const Slot& slot = shared()->slot[index];
  // Acquire: pairs with the release store of done in run_puppet().
  return slot.done.load(std::memory_order_acquire) == slot.command.load(std::memory_order_relaxed);
}

std::uint32_t Puppets::births(std::size_t index) const {
  // Acquire: pairs with the release increment in announce().
  return shared()->slot[index].births.load(std::memory_order_acquire);
}

std::uint32_t Puppets::bell() const {
  // Acquire: pairs with the release increment in ring().
  return shared()->bell.load(std::memory_order_acquire);
}

bool Puppets::wait(std::uint32_t seen, Deadline deadline, std::chrono::microseconds at_most) const {
  const auto left = std::min<std::chrono::nanoseconds>(deadline - Clock::now(), at_most);
  if (left.count() > 0) futex_wait(shared()->bell, seen, left);
  return bell() != seen;
}

bool send_fd(int socket, int fd) {
  Envelope e;
  e.link();
  e.address_rights();
  *e.fd() = fd;
  return sendmsg(socket, &e.header, MSG_NOSIGNAL) == 1;
}

UniqueFd receive_fd(int socket) {
  Envelope e;
  e.link();
  if (recvmsg(socket, &e.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1) return {};
  const cmsghdr* c = CMSG_FIRSTHDR(&e.header);
  if (c == nullptr || c->cmsg_type != SCM_RIGHTS) return {};
  return UniqueFd(*e.fd());
}

void drain(int socket) {
  char byte;
  while (recv(socket, &byte, 1, MSG_DONTWAIT) > 0) {
  }
}

Received receive_fd(Script& script) {
  auto* e = script.put<Envelope>();
  e->link();
  return {script.call(SYS_recvmsg, {kSocketFd, &e->header, MSG_DONTWAIT}), e->fd()};
}

Parcel make_parcel(Script& script) {
  auto* e = script.put<Envelope>();
  e->link();
  e->address_rights();
  return {&e->header, e->fd()};
}

void send(Script& script, const Parcel& parcel, Need need) {
  script.call(SYS_sendmsg, {kSocketFd, parcel.message, MSG_NOSIGNAL}, need);
  script.call(SYS_close, {load(parcel.fd)}, need);
}

}  // namespace props::agent
