// What all counted objects begin with.
//
// Objects live in a slab per type (heap.h) and stay constructed there: what a free one leaves
// behind is only memory, and whoever takes it sets each field. Mirrors SLAB_TYPESAFE_BY_RCU's view
// of memory; the reference counts are each kernel object's own.
#pragma once

#include <cstddef>

#include "abi/view.h"
#include "impl/build.h"

namespace impl {

// Tasks have no ObjKind: a view names them by TaskId. They come after the kinds.
inline constexpr std::size_t kTaskKind = abi::kObjKinds;
inline constexpr std::size_t kSlabs = abi::kObjKinds + 1;

// Each object has its cache lines to itself, as with SLAB_HWCACHE_ALIGN: neighbours in a slab are
// counted by different processors.
inline constexpr std::size_t kCacheLine = 64;

template <class K>
struct alignas(kCacheLine) Counted {
  typename K::Count refs;
  bool live = false;
  abi::ObjId id = abi::kNoObject;
};

template <class K, std::size_t kind>
struct Object : Counted<K> {
  static constexpr std::size_t kKind = kind;
};

template <class K>
struct MntNs;
template <class K>
struct UtsNs;
template <class K>
struct IpcNs;
template <class K>
struct PidNs;
template <class K>
struct CgroupNs;
template <class K>
struct NetNs;
template <class K>
struct TimeNs;
template <class K>
struct UserNs;
template <class K>
struct Nsproxy;
template <class K>
struct Cred;
template <class K>
struct Ucounts;
template <class K>
struct Pid;
template <class K>
struct Fs;
template <class K>
struct Files;
template <class K>
struct Mm;
template <class K>
struct Sighand;
template <class K>
struct Signal;
template <class K>
struct Undo;
template <class K>
struct Inode;
template <class K>
struct File;
template <class K>
struct Mount;
template <class K>
struct Task;

constexpr std::size_t kind_index(abi::ObjKind kind) { return abi::index(kind); }

}  // namespace impl
