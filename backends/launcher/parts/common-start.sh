# main: completes a start, as far as the rest is not needed. What of it is done: nothing, `begun`,
# or the environment is `gathered`.
launcher_done='' launcher_put_off='' launcher_refused='' launcher_switch=''
main() {
	[ -n "$launcher_done" ] || prepare
	if [ "$launcher_done" != gathered ]; then
		launcher_done=begun
		gather
	fi
	[ -z "$launcher_put_off" ] || return 0
	launcher_done=gathered
	collect_anew
	word "$program"
	service_words
	[ -n "$launcher_put_off" ] || become
}

# The common start: nothing is left of the last one.
case $#${1-} in
0 | 1respawn | 2start)
	# One that comes after a crash is not, as it has time to wait.
	if [ -d "$state_folder" ] && { last || :; } && ! left && { [ $# -ne 1 ] || [ -z "$main_pid" ]; }; then
		[ $# -eq 2 ] || forget supervisor
		begin "${2-${1:+other}}"
		main
	fi
	;;
esac

