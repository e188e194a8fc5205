# ------------------------------------------------------------------ the account

# look_up FILE NAME: sets $name, $id and $rest of a user or a group, by its name or its number.
# getent(1) knows those that are in no file.
look_up() {
	while IFS=: read -r name _ id rest; do
		case $2 in "$name" | "$id") return 0 ;; esac
	done <"/etc/$1"
	rest=$(getent "$1" "$2" 2>/dev/null) || return
	IFS=: read -r name _ id rest <<-END
		$rest
	END
}

# account USER GROUP [GROUP…]: who the program runs as, '' for root: notes what the user's login
# sets, and the command that becomes them. Groups are those that list the user.
account() {
	launcher_home='' launcher_login='' uid='' gid='' groups=''
	user=$1 group=$2
	shift 2
	if [ -n "$group" ]; then
		look_up group "$group" || not_there 216 group "$group"
		gid=$id
	fi
	if [ -n "$user" ]; then
		look_up passwd "$user" || not_there 217 user "$user"
		user=$name uid=$id
		: "${gid:=${rest%%:*}}"
		login "$rest"
		[ "$gid" = 0 ] || groups_of_user
	fi
	for group do
		look_up group "$group" || not_there 216 group "$group"
		groups=$groups,$id
	done
	groups=${groups#,}
	# What is root's stays as it is.
	[ "${uid:-0}:${gid:-0}:$groups" = 0:0: ] || switch
}

not_there() {
	say "there is no $2 \`$3\`"
	exit "$1"
}

groups_of_user() {
	groups=,$gid
	while IFS=: read -r _ _ id rest; do
		case ,$rest, in *",$user,"*) [ "$id" = "$gid" ] || groups=$groups,$id ;; esac
	done </etc/group
}

# simplify PATH: without slashes and dots that say nothing, as systemd writes it.
simplify() {
	simple='' rest=$1/
	while [ -n "$rest" ]; do
		part=${rest%%/*} rest=${rest#*/}
		case $part in '' | .) ;; *) simple=$simple/$part ;; esac
	done
}

# login REST: what the login of the user sets. A home or a shell that says nothing is left out, as
# systemd does.
login() {
	shell=${1##*:}
	launcher_home=${1%:*}
	launcher_home=${launcher_home##*:}
	case $launcher_home in /*)
		simplify "$launcher_home"
		[ -z "$simple" ] || launcher_login=HOME=$simple$launcher_end
		;;
	esac
	launcher_login=${launcher_login}LOGNAME=$user${launcher_end}USER=$user$launcher_end
	case $shell in
	*/nologin | */false | */true) ;;
	/?*)
		simplify "$shell"
		launcher_login=${launcher_login}SHELL=$simple$launcher_end
		;;
	esac
}

# Arranges the first command that is here and can become the account.
switch() {
	for tool in setpriv s6-applyuidgid chpst; do
		tool=$(command -v "$tool") || continue
		case $tool in
		*setpriv)
			set -- --groups "$groups"
			[ -n "$groups" ] || set -- --clear-groups
			set -- --regid "${gid:-0}" "$@"
			[ -z "$uid" ] || set -- --reuid "$uid" "$@"
			;;
		*s6-applyuidgid) set -- -u "${uid:-0}" -g "${gid:-0}" -G "$groups" ;;
		*)
			list=:${uid:-0}:${gid:-0}
			IFS=,
			for id in $groups; do
				[ "$id" = "${gid:-0}" ] || list=$list:$id
			done
			set -- -u "$list"
			;;
		esac
		"$tool" "$@" true 2>/dev/null || continue
		launcher_switch=$tool$launcher_end
		for word do
			launcher_switch=$launcher_switch$word$launcher_end
		done
		return
	done
	say "nothing here can run it as another user: setpriv of util-linux, s6-applyuidgid or chpst of runit"
	exit 217
}
