# in_limit: whether the service may be started once more. The starts are counted from one on
# purpose on, or from the first after an interval (`ratelimit_below`, ratelimit.c of systemd 257).
limited=in_limit
in_limit() {
	begun='' starts=''
	[ ! -s "$state_folder/ended" ] || read -r begun starts 2>/dev/null <"$state_folder/starts"
	now
	: "${begun:=${main_started:-$now}}" "${starts:=1}"
	next=$((now + restart_delay))
	if [ $((next - begun)) -gt "$limit_within" ]; then
		begun=$next starts=0
	elif [ "$starts" -ge "$limit_starts" ]; then
		say 'started too often, and not again'
		return 1
	fi
	echo "$begun $((starts + 1))" >"$state_folder/starts"
}

