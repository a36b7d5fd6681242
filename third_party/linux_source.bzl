"""Shows the kernel sources of this machine to Bazel, where there are any.

@linux_source//:6.1 and :6.12 are Debian's tarballs, whole: props/systems/linux_source unpacks the
two files that it needs, in a build action, so that this is done once. :tree is what
--repo_env=LINUX_SRC=/path/to/linux names: a tree, or another such tarball. A target without source
is one file "absent" with the reason. No kernel source enters this project.
"""

_DEBIAN = ["6.1", "6.12"]

def _target(name, files):
    return 'filegroup(name = "%s", srcs = %s)' % (name, ["%s/%s" % (name, file) for file in files])

def _absent(ctx, name, reason):
    ctx.file("%s/absent" % name, reason + "\n")
    return _target(name, ["absent"])

def _tarball(ctx, name, path):
    ctx.symlink(path, "%s/linux.tar.xz" % name)
    return _target(name, ["linux.tar.xz"])

def _tree(ctx):
    source = ctx.os.environ.get("LINUX_SRC", "")
    if not source:
        return _absent(ctx, "tree", "no tree is named: --repo_env=LINUX_SRC=/path/to/linux")
    if not source.startswith("/"):
        return _absent(ctx, "tree", "LINUX_SRC=%s is not a full path" % source)
    if source.endswith(".tar.xz") and ctx.path(source).exists:
        return _tarball(ctx, "tree", source)
    for file in ["Makefile", "kernel/nsproxy.c"]:
        if not ctx.path(source + "/" + file).exists:
            return _absent(ctx, "tree", "LINUX_SRC: there is no %s/%s" % (source, file))
    ctx.symlink(source + "/Makefile", "tree/Makefile")
    ctx.symlink(source + "/kernel/nsproxy.c", "tree/nsproxy.c")
    return _target("tree", ["Makefile", "nsproxy.c"])

def _linux_source_impl(ctx):
    build = ['package(default_visibility = ["//visibility:public"])']
    for version in _DEBIAN:
        path = "/usr/src/linux-source-%s.tar.xz" % version
        if ctx.path(path).exists:
            build.append(_tarball(ctx, version, path))
        else:
            build.append(_absent(
                ctx,
                version,
                "%s is missing: apt-get install linux-source-%s" % (path, version),
            ))
    build.append(_tree(ctx))
    ctx.file("BUILD.bazel", "\n".join(build) + "\n")

linux_source = repository_rule(
    implementation = _linux_source_impl,
    environ = ["LINUX_SRC"],
    local = True,
)
