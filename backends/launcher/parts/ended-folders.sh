# The service has ended and is to be down.
end() {
	end_last || return
	: >"$state_folder/pid"
	service_ended
	[ -z "$procs" ] || rmdir "${procs%/*}" 2>/dev/null
	return 0
}

