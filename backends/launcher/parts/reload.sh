# reload: the service reads its configuration again.
reload() {
	last
	if ! main_lives; then
		say 'it does not run, and cannot reload'
		return 1
	fi
	if [ -s "$state_folder/result" ]; then
		say 'it is only starting, and cannot reload yet'
		return 1
	fi
	kill -s "$reload_signal" "$main_pid"
}
case $#${1-} in 1reload)
	reload
	exit
	;;
esac

