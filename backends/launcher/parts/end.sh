# The start that a stop is for, which may not have noted itself yet.
target_lives() { [ -n "${target-}" ] && started_at "${target% *}" && [ "$started" = "${target#* }" ]; }

# A stop that has begun keeps its timeout, however often it is asked for; unless it was given up,
# or is of before a boot that left the state folder.
set_deadline() {
	now
	deadline=''
	read -r deadline 2>/dev/null <"$state_folder/stop"
	if [ -z "$deadline" ] || [ "$now" -ge $((deadline + stop_timeout + 1000)) ] ||
		[ "$deadline" -gt $((now + stop_timeout)) ]; then
		deadline=$((now + stop_timeout))
	fi
	note_stop
}

note_stop() { printf '%s\n' "$deadline" "${target-}" >"$state_folder/stop"; }

# Whether the stop with $deadline is still the last: no start came after it but the one that it is
# for, which may have taken it for an old one. Where that has ended, another start forgot the stop.
latest() {
	last
	read -r written 2>/dev/null <"$state_folder/stop" && [ "$written" = "$deadline" ] && return
	target_lives && [ "$main_pid $main_started" = "$target" ] && note_stop
}

# stop [PID]: a stop begins. The stop signal goes to all but PID, which the supervisor signals
# itself: a kubelet that gets it twice exits at once. KILL goes to what is left at the stop
# timeout.
stop() {
	target=
	[ -z "${1-}" ] || ! started_at "$1" || target="$1 $started"
	set_deadline
	last
	signal "$stop_signal" "${1-}"
	echo "${1-}$signalled" >>"$state_folder/stop"
	signal CONT "${1-}"
	{
		# Not for `await` alone: a shell keeps what it redirects for a function.
		exec </dev/null >/dev/null 2>&1
		await latest
	} &
}

# Ends what is left of the last start, within the timeout of a stop that has begun, or of one that
# begins now. What has had the stop signal does not get it again.
end_last() {
	target=''
	last
	left || return 0
	now
	deadline='' told=''
	{ read -r deadline && read -r _ && read -r told; } 2>/dev/null <"$state_folder/stop"
	: "${deadline:=$((now + stop_timeout))}"
	signal "$stop_signal" "$told"
	signal CONT "$told"
	await
}

# note_end STATUS [again [PID]]: for who asks how the service is. An exit code, or 256 and the
# signal, or `-`; when that was, how often since the service was last started on purpose, and
# since when; when it is started again, which is $next, or 0; and the PID that it had, where only
# the supervisor knows the status.
note_end() {
	now
	next=0
	[ -z "${2-}" ] || next=$((now + restart_delay))
	count='' since=''
	read -r _ _ count since _ 2>/dev/null <"$state_folder/ended"
	echo "$1 $now $((${count:-0} + 1)) ${since:-$now} $next ${3-}" >"$state_folder/ended"
}

# start PARENT: a start, by a `supervise` if that is not empty. Ends what is left of the last one,
# and makes this process the first of the next.
start() {
	case $1 in '' | other) forget supervisor ;; esac
	end_last
	begin "$1"
	if [ -n "$crashed" ]; then
		note_end - again "$crashed"
		pause "$next" false
	fi
	main
}

# respawn: a start, after a crash unless `end` came since the last, for a supervisor without a delay
# that can end without a word to what it has just started (OpenRC 0.45): PID 1 is the parent then.
respawn() {
	last
	crashed=$main_pid
	start other
}

