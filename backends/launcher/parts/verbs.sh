[ -d "$state_folder" ] || mkdir -p "$state_folder" ||
	say "without \`$state_folder\` nothing is known of earlier starts"
# What should be a number and is none makes it no verb.
case ${2-}${3-} in *[!0-9]*) case $* in 'supervise once' | 'supervise tell') ;; *) set -- - ;; esac ;; esac
case $#${1-}:${2-} in
0:) start '' ;;
1end:) end && forget ended ;;
1reload:) say 'nothing says how it reloads' && exit 1 ;;
[12]stop:* | [23]finish:?* | 1respawn: | 2start:?* | 1supervise: | 2supervise:once | 2supervise:tell) "$@" ;;
*)
	echo "usage: $0 [stop [PID] | end | finish FLOOR [STATUS] | respawn | supervise [once | tell] | start PARENT]" >&2
	exit 2
	;;
esac
