# limit RESOURCE SOFT HARD [LETTER]: as systemd, which takes what it can get of what is refused,
# and says so unless all that there is was asked for.
# shellcheck disable=SC3045 # all three shells have -S, -H and these letters
limit() {
	IFS=
	case $1 in
	nofile) set -- "$@" -n ;;
	core) set -- "$@" -c ;;
	nproc) # dash and busybox call it -p, which is something else to bash
		set -- "$@" -p
		[ -z "${BASH_VERSION-}" ] || set -- "$1" "$2" "$3" -u
		;;
	esac
	set_limit "$4" "$2" "$3" && return
	# Root may have as many files as the kernel allows to anybody. (`read` takes a byte at a time,
	# and the kernel gives nothing after the first.)
	most=
	[ "$1" != nofile ] || most=$(cat /proc/sys/fs/nr_open 2>/dev/null)
	for most in $most "$(ulimit -H "$4")"; do
		soft=$2 hard=$most
		case $soft:$most in
		unlimited:*) soft=$most ;;
		*:unlimited) ;;
		*) [ "$soft" -le "$most" ] || soft=$most ;;
		esac
		set_limit "$4" "$soft" "$hard" || continue
		[ "$1:$3" = nofile:unlimited ] ||
			say "the limit $1 is $soft soft, $hard hard: $3 hard was refused"
		return
	done
	say "the limit $1 stays as it was: $2 soft, $3 hard was refused"
}

# set_limit LETTER SOFT HARD
# shellcheck disable=SC3045
set_limit() {
	IFS=
	case $1$2:${#3} in
	# With fewer than some 20 files a shell cannot undo a redirection, and busybox tries for ever.
	# (-n alone is both limits.)
	-n?:[12] | -n??:[12]) ulimit -n "$3" && ulimit -S -n "$2" ;;
	-n?:* | -n??:*) set_limit -n 100 "$3" && ulimit -S -n "$2" ;;
	*)
		ulimit -S "$1" "$2" 2>/dev/null || : # the hard limit may be under the old soft one
		ulimit -H "$1" "$3" 2>/dev/null && ulimit -S "$1" "$2" 2>/dev/null
		;;
	esac
}
