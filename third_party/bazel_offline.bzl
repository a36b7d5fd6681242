"""Lets Debian's Bazel 4.2.3 build C++ with no network.

Bazel's own build files ask for a few repositories that Bazel would otherwise download. Where Debian
packages one that works it is used; Debian's bazel-rules-cc needs a newer Bazel, so rules_cc is
replaced by a forwarder to the rules built into Bazel. A BUILD file that loads from
@rules_cc//cc:defs.bzl is therefore right for this Bazel and for newer ones.
"""

_CC_RULES = [
    "cc_binary",
    "cc_import",
    "cc_library",
    "cc_proto_library",
    "cc_test",
    "cc_toolchain",
    "cc_toolchain_suite",
    "fdo_prefetch_hints",
    "fdo_profile",
    "objc_import",
    "objc_library",
]

def _rules_cc_impl(ctx):
    ctx.file("BUILD.bazel")
    ctx.file("cc/BUILD.bazel")
    ctx.file("cc/defs.bzl", "\n".join(
        ["%s = native.%s" % (rule, rule) for rule in _CC_RULES],
    ) + "\n")

_rules_cc = repository_rule(implementation = _rules_cc_impl)

def _no_coverage_impl(ctx):
    # Every cc_test depends on the coverage tools, even where coverage is never collected.
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

filegroup(name = "coverage_report_generator")

filegroup(name = "lcov_merger")

alias(name = "Main", actual = ":lcov_merger")
""")

_no_coverage = repository_rule(implementation = _no_coverage_impl)

def _debian_impl(ctx):
    if not ctx.path(ctx.attr.path).exists:
        fail("%s is missing: apt-get install %s" % (ctx.attr.path, ctx.attr.package))
    for entry in ctx.path(ctx.attr.path).readdir():
        ctx.symlink(entry, entry.basename)

# A local_repository that says which package is missing.
_debian = repository_rule(
    implementation = _debian_impl,
    attrs = {
        "package": attr.string(mandatory = True),
        "path": attr.string(mandatory = True),
    },
    local = True,
)

def bazel_offline():
    _rules_cc(name = "rules_cc")
    _no_coverage(name = "remote_coverage_tools")
    _debian(
        name = "platforms",
        package = "bazel-platforms",
        path = "/usr/share/bazel/tools/platforms",
    )
    _debian(
        name = "rules_java",
        package = "bazel-rules-java",
        path = "/usr/share/bazel/rules/java",
    )
    _debian(
        name = "rules_proto",
        package = "bazel-rules-proto",
        path = "/usr/share/bazel/rules/proto",
    )
