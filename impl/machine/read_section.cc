// Read sections on liburcu: see read_section.h.
#include "impl/machine/read_section.h"

#define URCU_INLINE_SMALL_FUNCTIONS
#include <sched.h>
#include <urcu/urcu-memb.h>

#include <algorithm>

namespace impl {
namespace {

// liburcu wants each OS thread that reads to be registered once.
struct Registration {
  Registration() { urcu_memb_register_thread(); }
  ~Registration() { urcu_memb_unregister_thread(); }
};

void ensure_registered() { thread_local const Registration registration; }

}  // namespace

Reader::Reader(ReadDomain& domain) : domain_(&domain) {
  domain.readers_.push_back(this);
  domain.alone_ = domain.readers_.size() <= 1;
}

Reader::~Reader() {
  std::erase(domain_->readers_, this);
  domain_->alone_ = domain_->readers_.size() <= 1;
}

void Reader::enter() {
  ensure_registered();
  urcu_memb_read_lock();
}

void Reader::leave() { urcu_memb_read_unlock(); }

void Reader::pause() { sched_yield(); }

void ReadDomain::wait(std::memory_order order) {
  ensure_registered();
  urcu_memb_synchronize_rcu();
  const bool acquires = order == std::memory_order_acquire;
  for (const Reader* reader : readers_) {
    (void)(acquires ? reader->sections_.load(std::memory_order_acquire)
                    : reader->sections_.load(std::memory_order_relaxed));
  }
}

}  // namespace impl
