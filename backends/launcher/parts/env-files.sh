# env_file optional|required FILE…: what they set is added to the environment. More than one FILE
# comes from a pattern that the shell has expanded.
env_file() {
	importance=$1
	shift
	for file do
		[ -z "$launcher_put_off" ] || return 0
		case $launcher_end$launcher_refused in
		*"$launcher_end$file$launcher_end"*) continue ;;
		esac
		refused=
		if [ -f "$file" ] && [ -r "$file" ]; then
			read_env_file
		elif [ -d "$file" ]; then
			refused='it is a directory'
		elif [ ! -e "$file" ] && [ -L "$file" ]; then
			refused='it is a link to a file that does not exist'
		elif [ ! -e "$file" ]; then
			[ "$importance" = optional ] && continue # as usual: nothing to say
			refused='it does not exist'
		elif is_dev_null; then
			continue # the customary empty file
		elif [ ! -f "$file" ]; then
			refused='it is not a regular file' # systemd would wait for a FIFO for ever
		else
			refused='it is not readable'
		fi
		[ -z "$refused" ] || refuse
	done
}

# The env file is not one that counts, and is not read a second time.
refuse() {
	if [ "$importance" = required ]; then
		say "cannot read the env file \`$file\`: $refused"
		exit 78
	fi
	say "$file: ignored: $refused"
	launcher_refused=$launcher_refused$file$launcher_end
}

# shellcheck disable=SC3013 # POSIX since 2024, and older in all shells
is_dev_null() { [ "$file" -ef /dev/null ]; }

# Reads $file, a regular file. All of it counts, or nothing and $refused says why.
#
# state: where the text stands between two lines or two pieces of one:
#   key     at the start of a line
#   before  after `=`, or after a closing quote
#   bare    in an unquoted value
#   double, single   inside quotes
# escaped: 1 after a backslash that makes the next character special tail: the end of an unquoted
# value, of which blanks may still be trimmed; with `guarded`, its first character was escaped and
# stays.
read_env_file() {
	state=key escaped=0 tail='' guarded=0 key='' number=0 bytes=0
	value='' value_10k='' value_100k='' value_all=''
	found='' found_10k='' found_100k='' found_all=''
	limit=1048576 not_text=''
	if {
		while IFS= read -r line; do
			bytes=$((bytes + ${#line} + 1))
			take_line "$newline"
			[ "$bytes" -le "$limit" ] || check_size || break
		done <&3
		# After the last newline, or of a file with none
		if [ -n "$line" ] && [ -z "$refused" ]; then
			bytes=$((bytes + ${#line}))
			take_line ''
		fi
		[ -n "$refused$launcher_put_off" ] || check_bytes
	} 3<"$file"; then
		:
	elif [ -z "$refused" ]; then
		refused='it cannot be opened'
	fi
	[ -z "$refused$launcher_put_off" ] || return 0

	[ "$state" = key ] || finish_assignment # after `take_piece` alone
	refused=$not_text
	[ -z "$refused" ] || return 0
	launcher_environment=$launcher_environment$found_all$found_100k$found_10k$found
}

# The file has grown over $limit: goes on, or not, once its size is known. One that is put off
# does not.
check_size() {
	[ -z "$launcher_put_off" ] || return 1
	limit=67108863
	size=$(wc -c <"$file") || size=$bytes # without wc it is read as far as that
	[ "$((size))" -le "$limit" ] && [ "$bytes" -le "$limit" ] && return 0
	refused='it has 64 MiB or more'
	return 1
}

# `read` drops NUL bytes without a word, so their number is how much farther descriptor 3 has
# moved than what `read` gave.
check_bytes() {
	position=
	[ ! -r /proc/self/fdinfo/3 ] || IFS=$blanks read -r label position </proc/self/fdinfo/3
	case $label$position in
	pos:?*) ;;
	*) count_bytes ;; # /proc is not mounted
	esac
	if [ "$bytes" -ge 67108864 ]; then
		refused='it has 64 MiB or more'
	elif [ "$((position))" -ne "$bytes" ]; then
		refused='it contains a NUL byte'
	fi
}

# take_line TERMINATOR: goes on with $line, which ended in the TERMINATOR.
take_line() {
	number=$((number + 1))
	case $line in
	*"$cr"*) take_pieces "$1"; return ;;
	esac
	# The common lines, which need no look at each piece
	case $state$line in
	key | key[\#\;]*) return ;;
	key[A-Za-z_]*=*)
		key=${line%%=*}
		case $key in
		*[!A-Za-z0-9_]* | ????????????????????????????????*) ;;
		*)
			value=${line#*=}
			case $value in
			# No pattern here is tried anew at each quote
			\"*[\"\\]?* | \'*\'?*) ;;
			\"*\" | \'*\')
				value=${value#?} first_line=$number
				value=${value%?}
				assign
				return
				;;
			[$blanks]* | *[$blanks] | *[\'\"\\]*) ;;
			*)
				first_line=$number
				assign
				return
				;;
			esac
			value=
			;;
		esac
		;;
	double*[\"\\]* | single*\'*) ;;
	double* | single*)
		collect "$line$1"
		return
		;;
	esac
	take_piece "$line" "$1"
}

# Adds $key and $value to what the file defines, unless systemd drops it.
assign() {
	case $key$value in *[!\ -~]*) check_text ;; esac
	case $not_text$key in
	[!A-Za-z_]* | *[!A-Za-z0-9_]*)
		[ -n "$not_text" ] || drop_assignment
		value=
		return
		;;
	esac
	case ${#value} in
	???????*) # perhaps longer than any that systemd passes on (ARG_MAX)
		if [ "$((${#key} + 1 + ${#value}))" -gt 2097151 ]; then
			drop_long_value
			value=
			return
		fi
		;;
	esac
	found=$found$key=$value$launcher_end value=
	case ${#found} in ????*) ;; *) return ;; esac
	found_10k=$found_10k$found found=
	case ${#found_10k} in ?????*) ;; *) return ;; esac
	found_100k=$found_100k$found_10k found_10k=
	case ${#found_100k} in ??????*) found_all=$found_all$found_100k found_100k= ;; esac
}

