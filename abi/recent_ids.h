// A filter for lists that repeat, as touched lists do: was this id seen a moment ago?
//
// It forgets: an id may pass twice. So it is for saving work, where doing it twice does no harm.
#pragma once

#include <array>
#include <cstddef>

#include "abi/view.h"

namespace nsabi {

class RecentIds {
 public:
  // True if the id was seen since the last one that shares its place.
  bool again(ObjId id) {
    ObjId& place = places_[static_cast<std::size_t>(id * 0x9e3779b97f4a7c15u >> 58)];
    if (place == id) return true;
    place = id;
    return false;
  }

 private:
  std::array<ObjId, 64> places_{};  // kNoObject: free
};

}  // namespace nsabi
