#!/bin/sh
# What an unprivileged user is refused, and what it may do all the same. Recorded as
# refusals.strace; see record.
unshare -n true
unshare -m true
unshare -pf true
unshare -Urn true
unshare -Urpf --mount-proc sh -c 'unshare -U true; unshare -m true'
unshare -U unshare -U true
chroot / true
true
