// The systems that are held against the model in this process, by name.
//
// Each is instantiated in a file of its own: the loop that runs both sides is a template over both.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "props/differ/run.h"

namespace props {

// impl without and with its optimizations.
std::unique_ptr<Subject> baseline_subject();
std::unique_ptr<Subject> optimized_subject();
// Baseline with one optimization each.
std::unique_ptr<Subject> one_pass_flags_subject();
std::unique_ptr<Subject> magazines_subject();
std::unique_ptr<Subject> uncounted_initial_subject();
std::unique_ptr<Subject> take_over_subject();
std::unique_ptr<Subject> sole_owner_put_subject();
std::unique_ptr<Subject> uniprocessor_subject();
std::unique_ptr<Subject> own_ucounts_subject();

// Every subject without a seeded bug: what `nsproxy diff` runs unless told otherwise.
std::vector<std::unique_ptr<Subject>> all_subjects();

}  // namespace props
