# The processes of the service are those in its cgroup. It has no controllers, and lies where
# neither of the kubelet's cgroup drivers looks. A cgroup below it, or a container's, is never
# touched. Without a writable cgroup file system the process group takes its place, and misses
# what has left it (setsid).

# A process group keeps its leader's PID from being given out again.
group_is_ours() {
	[ -n "$main_pid" ] && { [ ! -e "/proc/$main_pid" ] || main_lives; }
}

# Enters the cgroup: in v2, else in one of v1's named hierarchies.
enter_cgroup() {
	for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/openrc \
		/sys/fs/cgroup/systemd /sys/fs/cgroup/elogind; do
		procs=$root/kubelet-unit.$service/cgroup.procs
		[ -e "$root/cgroup.procs" ] || continue
		[ -d "${procs%/*}" ] || mkdir "${procs%/*}" || continue
		echo $$ >"$procs" && return
	done 2>/dev/null
	procs=
}

