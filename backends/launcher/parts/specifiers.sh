# What systemd's specifiers of the host stand for (systemd.unit(5), "Specifiers"), as they are at
# this start: %H, %l, %m, %b and %v.
# shellcheck disable=SC2034 # the service may use but one of them
host_values() {
	host_value /proc/sys/kernel/hostname
	host_H=$text host_l=${text%%.*}
	host_value /proc/sys/kernel/osrelease
	host_v=$text
	host_value /proc/sys/kernel/random/boot_id
	IFS=-
	# shellcheck disable=SC2086 # split
	set -- $text
	IFS=
	host_b="$*"
	host_value /etc/machine-id
	host_m=$text
}

host_value() {
	text=''
	IFS= read -r text 2>/dev/null <"$1" || [ -n "$text" ] ||
		say "cannot read \`$1\`: what it says is empty here"
}

