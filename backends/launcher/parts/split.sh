# split VALUE: the arguments that systemd makes of a variable: blanks and line ends separate them,
# both kinds of quotes group and vanish, a backslash makes the next character literal everywhere,
# an open end is no error.
#
# state: between (two words), inside (one), double, single
split() {
	state=between escaped=0
	case $1 in
	*[\\\"\']*) split_sections "$1" ;;
	*) split_words "$1" ;;
	esac
	[ "$state" = between ] || argument "$launcher_end"
}

# split_words TEXT: it stands outside of quotes and has none.
split_words() {
	case $1 in '') return ;; esac
	case $state$1 in
	inside[$blanks$newline$cr]*) argument "$launcher_end"; state=between ;;
	esac
	text=$1
	case $text in
	*"$cr"*) # not one of the blanks of which IFS may skip a run
		IFS=$cr
		# shellcheck disable=SC2086 # split
		set -- $text
		IFS=' '
		set -- "$*"
		;;
	esac
	IFS=$blanks$newline
	# shellcheck disable=SC2086 # split
	set -- $1
	[ $# -gt 0 ] || return 0
	IFS=$launcher_end
	argument "$*"
	case $text in
	*[$blanks$newline$cr]) argument "$launcher_end"; state=between ;;
	*) state=inside ;;
	esac
}

