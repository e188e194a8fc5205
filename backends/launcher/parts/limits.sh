# limit RESOURCE SOFT HARD LETTER: as systemd, which takes what it can get of what is refused, and
# says so unless all that there is was asked for.
# shellcheck disable=SC3045 # all three shells have -S, -H and these letters
limit() {
	IFS=
	set_limit "$4" "$2" "$3" && return
	# Root may have as many files as the kernel allows to anybody. (`read` takes a byte at a time,
	# and the kernel gives nothing after the first.)
	most=
	[ "$1" != nofile ] || most=$(cat /proc/sys/fs/nr_open 2>/dev/null)
	for most in $most "$(ulimit -H "$4")"; do
		soft=$2
		case $soft:$most in
		unlimited:*) soft=$most ;;
		*:unlimited) ;;
		*) [ "$soft" -le "$most" ] || soft=$most ;;
		esac
		set_limit "$4" "$soft" "$most" || continue
		[ "$1:$3" = nofile:unlimited ] ||
			say "the limit $1 is $soft soft, $most hard: $3 hard was refused"
		return
	done
	say "the limit $1 stays as it was: $2 soft, $3 hard was refused"
}

