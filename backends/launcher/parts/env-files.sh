# env_file optional|required FILE…: what they set is added to the environment. More than one FILE
# comes from a pattern that the shell has expanded.
# shellcheck disable=SC3013 # -ef is POSIX since 2024, and older in all shells
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
		elif [ -f "$file" ]; then
			refused='it is not readable'
		elif [ "$file" -ef /dev/null ]; then
			continue # the customary empty file
		elif [ -e "$file" ]; then
			refused='it is not a regular file' # systemd would wait for a FIFO for ever
		elif [ -L "$file" ]; then
			refused='it is a link to a file that does not exist'
		elif [ "$importance" = required ]; then
			refused='it does not exist'
		fi
		[ -n "$refused" ] || continue
		if [ "$importance" = required ]; then
			say "cannot read the env file \`$file\`: $refused"
			exit 78
		fi
		say "$file: ignored: $refused"
		launcher_refused=$launcher_refused$file$launcher_end # it is not read a second time
	done
}

# Reads $file, a regular file. All of it counts, or nothing and $refused says why.
#
# Between two lines, or two pieces of one, state is `key` at the start of a line, `before` after
# `=` or a closing quote, `bare` in an unquoted value, and `double` or `single` inside quotes.
# escaped is 1 after a backslash that makes the next character special. tail is the end of an
# unquoted value, of which blanks may still be trimmed.
read_env_file() {
	state=key escaped=0 tail='' key='' number=0 bytes=0 limit=1048576 not_text=''
	found='' found_10k='' found_100k='' found_all=''
	collect_anew
	refused='it cannot be opened'
	{
		refused=
		while IFS= read -r line; do
			bytes=$((bytes + ${#line} + 1))
			take_line "$launcher_newline"
			[ "$bytes" -le "$limit" ] || check_size || break
		done <&3
		# After the last newline, or of a file with none
		if [ -n "$line" ] && [ "$bytes" -le "$limit" ]; then
			bytes=$((bytes + ${#line}))
			take_line ''
		fi
		[ -n "$launcher_put_off" ] || check_bytes
	} 3<"$file"
	[ -z "$refused$launcher_put_off" ] || return 0
	[ "$state" = key ] || finish_assignment # after `take_pieces` alone
	refused=$not_text
	[ -z "$refused" ] || return 0
	launcher_environment=$launcher_environment$found_all$found_100k$found_10k$found
}

# The file has grown over $limit: goes on, or not, once its size is known (without wc it is read
# as far as that). One that is put off does not.
check_size() {
	[ -z "$launcher_put_off" ] || return 1
	limit=67108863
	size=$(wc -c <"$file") && [ "$((size))" -gt "$limit" ] && bytes=$((size))
	[ "$bytes" -le "$limit" ]
}

# `read` drops NUL bytes without a word, so their number is how much farther descriptor 3 has
# moved than what `read` gave. Not every sandbox says that.
check_bytes() {
	IFS=$blanks read -r label position 2>/dev/null </proc/self/fdinfo/3 || label=''
	[ "$label" = pos: ] || position=$(wc -c <"$file") || position=unknown
	if [ "$bytes" -ge 67108864 ]; then
		refused='it has 64 MiB or more'
	elif [ "$position" = unknown ]; then
		say "$file: not looked at for NUL bytes: neither /proc nor \`wc\` is there"
	elif [ "$((position))" -ne "$bytes" ]; then
		refused='it contains a NUL byte'
	fi
}

# take_line TERMINATOR: goes on with $line, which ended in the TERMINATOR.
take_line() {
	number=$((number + 1))
	case $state$line in
	*"$cr"*) ;;
	key | key[\#\;]*) return ;;
	key[A-Za-z_]*=*) ! take_common || return 0 ;;
	double*[\"\\]* | single*\'*) ;;
	double* | single*)
		collect "$line$1"
		return
		;;
	esac
	take_pieces "$1"
}

# A common assignment in one line needs no look at each piece. Fails if it is another.
take_common() {
	key=${line%%=*}
	case $key in *[!A-Za-z0-9_]* | ????????????????????????????????*) return 1 ;; esac
	value=${line#*=} first_line=$number
	case $value in
	# No pattern here is tried anew at each quote
	\"*[\"\\]?* | \'*\'?*) return 1 ;;
	\"*\" | \'*\')
		value=${value#?}
		value=${value%?}
		;;
	[$blanks]* | *[$blanks] | *[\'\"\\]*) return 1 ;;
	esac
	assign
}

# Adds $key and $value to what the file defines, unless systemd drops it.
assign() {
	case ${#value}:$value in
	[0-9][0-9][0-9][0-9][0-9][0-9][0-9]* | *[!\ -~]*) ! drops || return 0 ;;
	esac
	found=$found$key=$value$launcher_end
	case ${#found} in ????*) ;; *) return 0 ;; esac
	found_10k=$found_10k$found found=
	case ${#found_10k} in ?????*) ;; *) return 0 ;; esac
	found_100k=$found_100k$found_10k found_10k=
	case ${#found_100k} in ??????*) found_all=$found_all$found_100k found_100k= ;; esac
}

