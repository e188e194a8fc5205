# The letter of nproc in dash and busybox, which is another limit's in bash.
nproc=-p
[ -z "${BASH_VERSION-}" ] || nproc=-u

