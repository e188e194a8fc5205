# ------------------------------------------------------------ the common start
# From here on nothing depends on the service. A shell reads a program as it runs it. So what most
# starts need comes first, and one that needs no more becomes the program before the shell has read
# the rest. Where more is needed, `put_off` notes it, and the start goes on after the rest.
#
# To cut a piece off a text, or to add one, copies all that is there. So that the cost stays linear,
# `for` splits text at a character in IFS, and what grows is collected in steps of 1, 10 and 100 kB.
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

# Forgets the supervisor's environment. One fork, and no program, gives its names and the bytes
# that cannot be written here. Where the shell alone cannot make the new environment exact,
# launcher_through_env is not empty.
forget_environment() {
	LC_ALL=C # a character is a byte
	launcher_list=$(printf '\377\r \t\n' && export -p)
	launcher_newline='
'
	# bash does not list variables with odd names, and sets SHLVL at exec
	launcher_through_env=${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}
	if [ -z "$launcher_through_env" ]; then
		# A line inside a value that looks like an entry unsets one name more
		IFS=$launcher_newline
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
		LC_ALL=C
	fi
	launcher_list=${launcher_list%%"$launcher_newline"*}
	launcher_end=${launcher_list%???}
	blanks=${launcher_list#??} # for use inside the brackets of a pattern
	cr=${launcher_list%"$blanks"}
	cr=${cr#?}
	block=[$blanks]
	for _ in 1 2 3 4; do block=$block$block$block$block; done # 256 blanks
}

