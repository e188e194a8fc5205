# To $? an exit code of 143 is the same as an end by TERM. The list of jobs tells them apart:
# `Done(143)`, or `Exit 143` in bash, is an exit code. bash forgets a job in `wait`, so it has to
# look before.
tell_signals() {
	LC_ALL=C
	[ -z "${BASH_VERSION-}" ] || trap 'jobs -l >"$state_folder/jobs"' CHLD
}
signal_or_code() {
	if [ -n "${BASH_VERSION-}" ]; then
		trap - CHLD
		ask_again
	else
		jobs -l >"$state_folder/jobs"
	fi
	ended=$status
	[ "$status" -gt 128 ] || return 0
	while read -r job; do
		case $job in *" $child Done"* | *" $child Exit"*) return 0 ;; esac
	done 2>/dev/null <"$state_folder/jobs"
	status=$((status + 128)) ended=$status
}

