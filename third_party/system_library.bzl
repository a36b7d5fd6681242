"""A repository rule that shows an installed system library to Bazel.

Headers are linked into the repository rather than found in /usr/include, so that upgrading the
package rebuilds what includes them; they are passed with -isystem, so that our warnings stay ours.
A repository is looked at only when a target needs it: a missing package fails that target alone.
"""

def _missing(ctx, what):
    fail("%s not found: install the Debian package %s (apt-get install %s)" %
         (what, ctx.attr.package, ctx.attr.package))

def _gcc(ctx, question):
    return ctx.execute(["gcc", question]).stdout.strip()

def _system_library_impl(ctx):
    # The compiler knows the folders of its architecture; we don't guess them.
    roots = ["/usr/include/" + _gcc(ctx, "-print-multiarch"), "/usr/include"]
    for header in ctx.attr.headers:
        paths = [ctx.path(root + "/" + header) for root in roots]
        paths = [path for path in paths if path.exists]
        if not paths:
            _missing(ctx, "/usr/include/" + header)
        ctx.symlink(paths[0], "include/" + header)

    archives = {}
    for libraries in ctx.attr.targets.values():
        for library in libraries:
            if library in archives:
                continue
            file = "lib%s.a" % library
            path = _gcc(ctx, "-print-file-name=" + file)
            archives[library] = path != file
            if archives[library]:
                ctx.symlink(path, "lib/" + file)
                continue
            file = "lib%s.so" % library
            if _gcc(ctx, "-print-file-name=" + file) == file:  # gcc's way to say "not found"
                _missing(ctx, file)

    build = ['load("@rules_cc//cc:defs.bzl", "cc_import", "cc_library")', ""]
    build.append('package(default_visibility = ["//visibility:public"])')
    build.append('cc_library(name = "headers", hdrs = glob(["include/**"]), includes = ["include"])')
    for library in archives:
        if archives[library]:
            build.append('cc_import(name = "lib/%s", static_library = "lib/lib%s.a")' %
                         (library, library))
        else:
            build.append('cc_library(name = "lib/%s", linkopts = ["-l%s"])' % (library, library))
    for name, libraries in ctx.attr.targets.items():
        build.append('cc_library(name = "%s", linkopts = ["-pthread"], deps = %s)' %
                     (name, [":headers"] + [":lib/" + library for library in libraries]))
    ctx.file("BUILD.bazel", "\n".join(build) + "\n")

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "headers": attr.string_list(
            mandatory = True,
            doc = "Files or folders of /usr/include.",
        ),
        "package": attr.string(mandatory = True, doc = "The Debian package to name when missing."),
        "targets": attr.string_list_dict(
            mandatory = True,
            doc = "Target name -> libraries to link, each before what it needs.",
        ),
    },
    local = True,
)
