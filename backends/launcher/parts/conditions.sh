# condition KIND NOT PATH: ends this start where that is not so, which is no failure.
condition() {
	found=''
	! is_so "$1" "$3" || found=1
	[ "${2:+1}" = "$found" ] || return 0
	say "not started, as \`$1: $2$3\` is not so"
	echo condition >"$state_folder/result"
	exit 0
}

# is_so KIND PATH
is_so() {
	case $1 in
	pathExists) [ -e "$2" ] ;;
	pathIsDirectory) [ -d "$2" ] ;;
	directoryNotEmpty) has_something "$2"/* "$2"/.[!.]* "$2"/..?* ;;
	fileNotEmpty) [ -f "$2" ] && [ -s "$2" ] ;;
	fileIsExecutable) [ -f "$2" ] && [ -x "$2" ] ;;
	esac
}

# A pattern that matches nothing stays as it is.
has_something() {
	for entry; do
		if [ -e "$entry" ] || [ -L "$entry" ]; then return 0; fi
	done
	return 1
}

