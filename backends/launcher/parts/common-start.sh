# The common start: nothing is left of the last one. What of it is done: nothing, `begun`, or the
# environment is `gathered`.
launcher_done='' launcher_put_off='' launcher_refused='' launcher_switch=''
case $#${1-} in
0 | 1respawn | 2start)
	# One that comes after a crash is not, as it has time to wait.
	if [ -d "$state_folder" ] && { last || :; } && ! left && { [ $# -ne 1 ] || [ -z "$main_pid" ]; }; then
		[ $# -eq 2 ] || take_over
		begin "${2-}"
		prepare
		launcher_done=begun
		gather
		if [ -z "$launcher_put_off" ]; then
			launcher_done=gathered
			arrange
			[ -n "$launcher_put_off" ] || become
		fi
	fi
	;;
esac

