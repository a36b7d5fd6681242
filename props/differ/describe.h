// Differences in words. Only called once there is one: none of this is on the fast path.
#pragma once

#include <string>
#include <string_view>

#include "abi/system.h"

namespace props {

std::string describe_pairing(abi::TaskId task, std::string_view slot, abi::ObjId reference,
                             abi::ObjId subject, abi::ObjId expected);
std::string describe_task_difference(abi::TaskId id, const abi::TaskView& reference,
                                     const abi::TaskView& subject);
// `owner`: the subject's name of the reference's owner.
std::string describe_object_difference(abi::ObjId id, const abi::ObjectView& reference,
                                       const abi::ObjectView& subject, abi::ObjId owner);

}  // namespace props
