// Parents, children, threads: the lists of a task's relations.
//
// Mirrors the list handling of copy_process(), __unhash_process() and find_alive_thread() (6.18).
// Everything here is under tasklist_lock.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

// -- children: leaders only

template <class K>
void add_child(Task<K>* parent, Task<K>& child) {
  child.real_parent = parent;
  child.sibling_prev = nullptr;
  child.sibling_next = nullptr;
  if (parent == nullptr) return;  // outside keeps no list
  child.sibling_next = parent->children;
  if (parent->children != nullptr) parent->children->sibling_prev = &child;
  parent->children = &child;
}

template <class K>
void remove_child(Task<K>& child) {
  if (child.sibling_next != nullptr) child.sibling_next->sibling_prev = child.sibling_prev;
  if (child.sibling_prev != nullptr) {
    child.sibling_prev->sibling_next = child.sibling_next;
  } else if (child.real_parent != nullptr) {
    child.real_parent->children = child.sibling_next;
  }
}

// `heir` takes the place of `old` among its siblings, and its parent.
template <class K>
void replace_child(Task<K>& old, Task<K>& heir) {
  Task<K>* const parent = old.real_parent;
  remove_child(old);
  add_child(parent, heir);
}

// -- threads

template <class K>
void add_thread(Signal<K>& group, Task<K>& task) {
  task.thread_prev = group.last;
  task.thread_next = nullptr;
  (group.last != nullptr ? group.last->thread_next : group.first) = &task;
  group.last = &task;
  group.threads.set(group.threads.get() + 1);
  group.alive.set(group.alive.get() + 1);
}

template <class K>
void remove_thread(Task<K>& task) {
  Signal<K>& group = *task.signal;
  (task.thread_prev != nullptr ? task.thread_prev->thread_next : group.first) = task.thread_next;
  (task.thread_next != nullptr ? task.thread_next->thread_prev : group.last) = task.thread_prev;
  group.threads.set(group.threads.get() - 1);
}

template <class K, class F>
void for_each_thread(const Signal<K>& group, F&& f) {
  for (Task<K>* t = group.first; t != nullptr; t = t->thread_next) f(*t);
}

// A thread of the group that has not begun to exit.
template <class K>
Task<K>* find_alive_thread(const Signal<K>& group) {
  for (Task<K>* t = group.first; t != nullptr; t = t->thread_next) {
    if (!t->exiting.get()) return t;
  }
  return nullptr;
}

template <class K>
bool is_leader(const Task<K>& task) {
  return task.signal->leader == &task;
}

// A leader that only waits to be reaped.
template <class K>
bool is_reapable(const Task<K>& task) {
  return task.state.get() == abi::TaskState::zombie && is_leader(task) &&
         task.signal->threads.get() == 1;
}

}  // namespace impl
