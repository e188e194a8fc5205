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
1end:) end && forget_ends ;;
[12]stop:* | [23]finish:?* | 1respawn: | 2start:?* | 1supervise: | 2supervise:once) "$@" ;;
*)
	echo "usage: $0 [stop [PID] | end | finish FLOOR [STATUS] | respawn | supervise [once] | start PARENT]" >&2
	exit 2
	;;
esac
