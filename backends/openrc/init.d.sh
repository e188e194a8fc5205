#!/sbin/openrc-run

description={{ description | sh }}

supervisor=supervise-daemon
# The launcher: it reads the env files anew at each start, and nothing else does.
command={{ launcher | sh }}
# Its verb for a start that may come after a crash, which then waits {{ restart_delay }} s.
# supervise-daemon's own respawn_delay is capped by some versions, and a stop
# does not cut it short.
command_args=respawn
respawn_max={{ respawn_max }}
respawn_period={{ respawn_period }}
# The KILL at {{ stop_timeout }} s is the launcher's; this one is for what it misses.
retry="{{ stop_signal }}/{{ retry_timeout }}/KILL/5"
pidfile="/run/$RC_SVCNAME.pid"
: "${output_log:={{ log_file | sh }}}"
: "${error_log:=$output_log}"

depend() {
{%- if need %}
	need{% for name in need %} {{ name }}{% endfor %}
{%- endif %}
{%- if want %}
	want{% for name in want %} {{ name }}{% endfor %}
{%- endif %}
	after{% for name in after %} {{ name }}{% endfor %}
{%- if before %}
	before{% for name in before %} {{ name }}{% endfor %}
{%- endif %}
}

start_pre() {
	checkpath -d -m 0755 -o root:root "${output_log%/*}" "${error_log%/*}" || return
	checkpath -f -m 0640 -o root:root "$output_log" "$error_log" || return
	"$command" end
}

# TERM to the main process is supervise-daemon's, to the others the launcher's.
stop_pre() {
	"$command" stop "$(service_get_value child_pid)"
}

# Returns when no process of the service is left.
stop_post() {
	"$command" end
}
