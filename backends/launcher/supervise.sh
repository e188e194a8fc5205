
# ------------------------------------------------------------------ supervision
# What systemd does around a service and no supervisor here does alone: all
# processes of the service are in one cgroup and are ended together
# (KillMode=control-group), and only then the restart delay begins.

# signal NAME [EXCEPT]: to each process of the service but those in that list,
# or to the main one where the others are to live on. Sets $signalled, a list of
# PIDs, or `group`.
signal() {
	signalled=
	if [ "$kill_mode" = process ]; then
		case " ${2-} " in *" $main_pid "*) return ;; esac
		! main_lives || { kill -s "$1" "$main_pid" && signalled=" $main_pid"; }
	elif [ -n "$procs" ]; then
		while read -r pid; do
			# 0 is a process that this PID namespace does not see.
			case " 0 $$ ${2-} " in *" $pid "*) continue ;; esac
			kill -s "$1" "$pid" && signalled="$signalled $pid"
		done <"$procs"
	elif group_is_ours; then
		case " ${2-} " in
		*' group '*) return ;;
		*" $main_pid "*) ! main_lives || return 0 ;;
		esac
		kill -s "$1" -- "-$main_pid" && signalled=" group"
	fi 2>/dev/null
}

# await [COMMAND]: returns when nothing is left, or when the command fails; from
# $deadline on with KILL. Fails when even that has not helped for as long again,
# as systemd gives up then.
await() {
	while left && "${1-:}"; do
		now
		[ "$now" -lt "$deadline" ] || signal KILL
		if [ "$now" -ge $((deadline + stop_timeout + 1000)) ]; then
			say "still there after KILL: ${procs:-process group $main_pid}"
			return 1
		fi
		nap 10
	done
}

# A stop that has begun keeps its timeout, however often it is asked for; unless
# it was given up, or is of before a boot that left the state folder.
set_deadline() {
	now
	deadline=''
	read -r deadline 2>/dev/null <"$state_folder/stop"
	: "${deadline:=0}"
	if [ "$now" -ge $((deadline + stop_timeout + 1000)) ] ||
		[ "$deadline" -gt $((now + stop_timeout)) ]; then
		deadline=$((now + stop_timeout))
	fi
	echo "$deadline" >"$state_folder/stop"
}

# Whether the stop with $deadline is still the last, and no start came after it.
latest() {
	read -r written 2>/dev/null <"$state_folder/stop" && [ "$written" = "$deadline" ]
}

# stop [PID]: a stop begins. The stop signal goes to all but PID, which the
# supervisor signals itself: a kubelet that gets it twice exits at once. KILL
# goes to what is left at the stop timeout.
stop() {
	last
	set_deadline
	signal "$stop_signal" "${1-}"
	echo "${1-}$signalled" >>"$state_folder/stop"
	signal CONT "${1-}"
	{
		# Not for `await` alone: a shell keeps what it redirects for a function.
		exec </dev/null >/dev/null 2>&1
		await latest
	} &
}

# Ends what is left of the last start, within the timeout of a stop that has
# begun, or of one that begins now. What has had the stop signal does not get it
# again.
end_last() {
	last
	left || return 0
	now
	deadline='' told=''
	{ read -r deadline && read -r told; } 2>/dev/null <"$state_folder/stop"
	: "${deadline:=$((now + stop_timeout))}"
	signal "$stop_signal" "$told"
	signal CONT "$told"
	await
}

# The service has ended and is to be down.
end() {
	end_last || return
	: >"$state_folder/pid"
	[ -z "$procs" ] || rmdir "${procs%/*}" 2>/dev/null
	return 0
}

# Whether the supervisor got a command since `finish` began: that is a write to
# its FIFO, and rewrites its status. (overlayfs keeps no time of the former.)
# shellcheck disable=SC3013 # POSIX since 2024, and older in all shells
commanded() {
	[ supervise/control -nt "$state_folder/finish" ] ||
		[ supervise/status -nt "$state_folder/settled" ]
}

# again STATUS: whether the policy has it started again after that end. Clean
# are exit code 0 and an end by HUP, INT, PIPE or TERM (systemd.service(5)).
again() {
	case $restart_policy:$1 in
	always:* | on-failure:[1-9]*) ;;
	*) return 1 ;;
	esac
	case $restart_policy:$1 in
	on-failure:129 | on-failure:130 | on-failure:141 | on-failure:143) return 1 ;;
	esac
}

# finish FLOOR [STATUS]: after an end, for a supervisor with such a hook. Returns
# when nothing is left and, unless a stop was asked for, when the delay is over
# but for FLOOR, which the supervisor may add; the next start makes up the rest.
# Exits with 125 if there is to be no next start.
finish() {
	: >"$state_folder/finish"
	# The supervisor writes the status of this `finish`, too.
	{
		nap 10
		: >"$state_folder/settled"
	} &
	end
	[ ! -s "$state_folder/stop" ] || return 0
	again "${2-0}" || exit 125
	now
	earliest=$((now + restart_delay))
	wait
	pause $((earliest - $1)) commanded
	commanded || echo "$earliest" >"$state_folder/finish"
}

# Ends what is left of the last start, and makes this process the first of the
# next.
enter() {
	end_last
	begin
}

# respawn: a start, for a supervisor that starts this again without a delay of
# its own. It is one after a crash unless `end` came since the last.
respawn() {
	last
	crashed=$main_pid
	enter
	after "$crashed"
	main
}

asked() {
	[ -n "$asked" ]
}

# Once: a second stop signal makes a kubelet exit at once.
terminate() {
	! asked || return 0
	asked=1
	[ -n "$child" ] || return 0
	stop "$child"
	kill -s "$stop_signal" "$child"
}

# supervise [once]: stays the parent, for a supervisor that has no hook before
# its TERM; `once` leaves the next start to it.
supervise() {
	asked='' child=''
	trap terminate TERM
	for name in HUP INT QUIT USR1 USR2; do
		# shellcheck disable=SC2064 # the name of now, the PID of then
		trap "[ -z \"\$child\" ] || kill -s $name \"\$child\"" "$name"
	done
	read -r _ _ _ parent _ </proc/$$/stat
	once=${1-}
	# A shell starts what it does not wait for with INT and QUIT ignored, and
	# cannot undo that; GNU env can. setsid makes a session, as systemd does.
	set -- "$0"
	! env --default-signal true 2>/dev/null || set -- env --default-signal "$@"
	! command -v setsid >/dev/null || set -- setsid "$@"
	while :; do
		"$@" &
		child=$!
		! asked || kill -s "$stop_signal" "$child"
		status=0
		while :; do
			wait "$child"
			status=$?
			kill -s 0 "$child" 2>/dev/null || break
		done
		child=
		# Without the supervisor, another one may have started the service anew.
		read -r _ _ _ now_parent _ </proc/$$/stat
		[ "$now_parent" = "$parent" ] || exit
		end
		[ -z "$once" ] || break
		if asked || ! again "$status"; then break; fi
		now
		pause $((now + restart_delay)) asked
		! asked || break
	done
	! asked || set_deadline # for `finish`
	# supervisord looks for ended processes once a second, and when output ends.
	# That of a process ends just before it does: this ends it a little later.
	if [ -z "$once" ]; then nap 5 & fi
	exit "$status"
}

if ! [ -d "$state_folder" ] && ! mkdir -p "$state_folder"; then
	say "without \`$state_folder\` nothing is known of earlier starts"
fi
# What should be a number and is none makes it no verb.
case ${2-}${3-} in *[!0-9]*) [ "$*" = 'supervise once' ] || set -- - ;; esac
case $#${1-}:${2-} in
0:)
	enter
	main
	;;
[12]stop:* | 1end: | [23]finish:?* | 1respawn: | 1supervise: | 2supervise:once) "$@" ;;
*)
	echo "usage: $0 [stop [PID] | end | finish FLOOR [STATUS] | respawn | supervise [once]]" >&2
	exit 2
	;;
esac
