"""The system libraries of this project: each repository, its package, its labels.

Why each is here stands in //third_party:packages, which bazelw installs from.
"""

load("//third_party:system_library.bzl", "system_library")

def system_libraries():
    system_library(
        name = "googletest",
        headers = ["gmock", "gtest"],
        package = "libgmock-dev",
        # As upstream's BUILD file has it, gtest includes gmock.
        targets = {
            "gtest": ["gmock", "gtest"],
            "gtest_main": ["gmock_main", "gmock", "gtest"],
        },
    )
    system_library(
        name = "rapidcheck",
        headers = ["rapidcheck", "rapidcheck.h"],
        package = "librapidcheck-dev",
        targets = {"rapidcheck": ["rapidcheck"]},
    )
    system_library(
        name = "google_benchmark",
        headers = ["benchmark"],
        package = "libbenchmark-dev",
        targets = {
            "benchmark": ["benchmark"],
            "benchmark_main": ["benchmark_main", "benchmark"],
        },
    )
    system_library(
        name = "z3",
        headers = [
            "z3++.h",
            "z3.h",
            "z3_algebraic.h",
            "z3_api.h",
            "z3_ast_containers.h",
            "z3_fixedpoint.h",
            "z3_fpa.h",
            "z3_macros.h",
            "z3_optimization.h",
            "z3_polynomial.h",
            "z3_rcf.h",
            "z3_spacer.h",
            "z3_v1.h",
            "z3_version.h",
        ],
        package = "libz3-dev",
        targets = {"z3": ["z3"]},
    )
    system_library(
        name = "liburcu",
        headers = ["urcu", "urcu.h"],
        package = "liburcu-dev",
        # The memb flavour: readers cost a compiler barrier, writers call membarrier(2).
        targets = {"urcu": ["urcu-memb", "urcu-common"]},
    )
    system_library(
        name = "nlohmann_json",
        headers = ["nlohmann"],
        package = "nlohmann-json3-dev",
        targets = {"json": []},
    )
