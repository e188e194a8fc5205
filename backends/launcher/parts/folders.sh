# ------------------------------------------------------------------- the folders

# folder CODE MODE OWNER PATH: makes it, unless it is there, with what it is to have; CODE is the
# exit code where it cannot be made. It is the account's; but OWNER is `kept` where one that is
# there stays as it is, and else `owned`.
folder() {
	if make_folder "$2" "$3" "$4" 2>/dev/null; then return 0; fi
	say "cannot make the folder \`$4\`"
	exit "$1"
}

make_folder() {
	if [ ! -d "$3" ]; then
		mkdir -p "${3%/*}" && mkdir "$3" || return
	elif [ "$2" = kept ]; then
		return
	fi
	owner=${uid:-0}:${gid:-0}
	IFS=' '
	# shellcheck disable=SC2012,SC2046 # two numbers of one line
	set -- "$1" "$3" $(ls -Lldn "$3")
	if [ "$5:$6" != "$owner" ]; then
		chown -hR "$owner" "$2" && chown "$owner" "$2" || return
	fi
	chmod "$1" "$2" # the last: a change of the owner takes bits away
}
