# ------------------------------------------------------------ the common start
# From here on nothing depends on the service.
#
# A shell reads a program as it runs it. So what most starts need comes first, and one that needs
# no more becomes the program before the shell has read the rest. Where more is needed, `put_off`
# notes it, and the start goes on where the rest has been read.
#
# Text goes through `for` loops that split it at a character in IFS, and text that grows is
# collected in steps of about 1, 10 and 100 kB: to cut a piece off, or to add one, copies all that
# is there. So the cost stays linear in the size of the files.
#
# A list is text in which each item ends in the byte 0xFF, which no UTF-8 has. Variables called
# launcher_… live until exec; a file that sets one of that name is handed over by env.

# bash takes functions from the environment, which would replace these.
unset -f '[' cd chmod chown command echo env getent ionice jobs kill ls mkdir printf read renice rm rmdir setsid sleep true ulimit umask wait wc

# UMask=, and what the launcher itself writes is nobody else's to write.
umask 0022

# The start cannot be completed here. The file that is being read is not read on.
put_off() { launcher_put_off=1 limit=-1 line=''; }

# say TEXT: one line for the log.
say() { printf '%s\n' "$service: $1" >&2; }

# Makes stdin, the signals and the descriptors what systemd makes them.
initial_state() {
	exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	# The first file that the program opens would take the place of a closed output.
	true 3>&2 || exec 2>/dev/null
	{ true 3>&1; } 2>/dev/null || exec >/dev/null
	trap '' PIPE
}

# oom_score_adjust SCORE: for this process, and so for the program.
oom_score_adjust() {
	{ echo "$1" >/proc/self/oom_score_adj; } 2>/dev/null ||
		say "the OOM score stays as it was: $1 was refused"
}

# Forgets the supervisor's environment. One fork, and no program, gives its names and the bytes
# that cannot be written here. Where the shell alone cannot make the new environment exact,
# launcher_through_env is not empty.
forget_environment() {
	LC_ALL=C # a character is a byte
	launcher_list=$(printf '\377\r\t\n' && export -p)

	# bash does not list variables with odd names, and sets SHLVL at exec
	launcher_through_env=${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}
	if [ -z "$launcher_through_env" ]; then
		# A line inside a value that looks like an entry unsets one name more
		IFS='
'
		for launcher_entry in $launcher_list; do
			launcher_entry=${launcher_entry#export }
			launcher_entry=${launcher_entry%%=*}
			case $launcher_entry in
			'' | [!A-Za-z_]* | *[!A-Za-z0-9_]*) ;;
			# IFS and OPTIND stay exported whatever is done
			service | program | launcher_* | IFS | OPTIND) launcher_through_env=collision ;;
			*) unset "$launcher_entry" ;;
			esac
		done
	fi

	LC_ALL=C
	newline='
'
	launcher_list=${launcher_list%%"$newline"*}
	launcher_end=${launcher_list%??}
	tab=${launcher_list#??}
	cr=${launcher_list%?}
	cr=${cr#?}
	blanks=" $tab" # for use inside the brackets of a pattern
	unset launcher_list launcher_entry
}

