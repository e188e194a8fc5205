# finish FLOOR [STATUS]: after an end, for a supervisor with such a hook. Returns when nothing is
# left and, unless a stop was asked for, when the delay is over but for FLOOR, which the supervisor
# may add; the next start makes up the rest. Exits with 125 if there is to be no next start.
finish() {
	wanted=
	: >"$state_folder/finish"
	# The supervisor writes the status of this `finish`, too.
	{
		nap 10
		: >"$state_folder/settled"
	} &
	end
	if [ -s "$state_folder/stop" ] || wanted_down; then
		forget ended
		return 0
	fi
	next_start "${2-0}" "${2--}" || exit 125
	wait
	pause $((next - $1)) commanded
	if commanded; then
		forget ended
	else
		echo "$next" >"$state_folder/finish"
	fi
}

# Whether the supervisor got a command since `finish` began: that is a write to its FIFO, and
# rewrites its status. overlayfs keeps no time of the former, and the latter may be as old as this
# `finish`: what it is to do is asked as well, each time that there is a new status. s6-rc-update
# moves a service to a new folder, whose times say nothing; but there a file `down` tells (s6-rc(8)).
# shellcheck disable=SC3013 # POSIX since 2024, and older in all shells
commanded() {
	case $PWD in
	*/servicedirs/*) [ -e down ] && return ;;
	*)
		[ supervise/control -nt "$state_folder/finish" ] && return
		[ supervise/status -nt "$state_folder/settled" ] && return
		;;
	esac
	wanted_down
}

# Whether the supervisor is to leave the service down: runit says so in a file, s6 when it is
# asked.
# shellcheck disable=SC3013
wanted_down() {
	if read -r status 2>/dev/null <supervise/stat; then
		[ "$status" != "${status#*want down}" ]
		return
	fi
	[ -e supervise/status ] || return
	# The same status has the same answer.
	if [ -n "$wanted" ] && [ supervise/status -ef /proc/self/fd/9 ]; then return "$wanted"; fi
	{ exec 9<supervise/status; } 2>/dev/null || return
	[ "$(s6-svstat -o wantedup . 2>/dev/null)" = false ]
	wanted=$?
	return "$wanted"
}

