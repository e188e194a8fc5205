#!/sbin/openrc-run

description={{ description | sh }}

supervisor=supervise-daemon
# The launcher: it reads the env files anew at each start, and nothing else does.
command={{ launcher | sh }}
{% if parent -%}
# It stays the parent, and starts the service again itself: supervise-daemon does so after
# every end, and is told to end when the service is to stay down.
command_args="supervise tell{% if hears %} ready{% endif %}"
respawn_max=0
# The launcher passes TERM on, and sends the KILL at {{ stop_timeout }} s itself. This one
# comes only to a launcher that hangs.
retry="TERM/{{ gives_up }}/KILL/5"
{% else -%}
# Its verb for a start that may come after a crash, which then waits {{ restart_delay }} s.
# supervise-daemon's own respawn_delay is capped by some versions, and a stop
# does not cut it short.
command_args=respawn
respawn_max=0
respawn_period=1
# The KILL at {{ stop_timeout }} s is the launcher's; this one is for what it misses.
retry="{{ stop_signal }}/{{ retry_timeout }}/KILL/5"
{% endif -%}
# supervise-daemon's. Many services write one of their own to /run/NAME.pid, which would take its place.
pidfile="/run/$RC_SVCNAME.supervisor.pid"
{% if reload -%}
extra_started_commands=reload
{% endif -%}
# What conf.d may have for another service of this name, and is the launcher's here.
# With `notify` or `ready`, a start would wait for a word that the service may never say.
unset command_user command_args_foreground respawn_delay notify ready
unset start_stop_daemon_args supervise_daemon_args
{%- if hears %}
# A start lasts until the service is ready (0.62 and newer; older versions do not know this).
notify=fd:3
{%- endif %}
{%- if output.inherit %}
# Where the output of PID 1 goes, which in a container is the container's own.
: "${output_log:=/proc/1/fd/1}"
: "${error_log:=/proc/1/fd/2}"
{%- elif not output.syslog %}
: "${output_log:={{ log_file | sh }}}"
: "${error_log:=$output_log}"
{%- endif %}

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
{%- if not output.inherit and not output.syslog %}
	checkpath -d -m 0755 -o root:root "${output_log%/*}" "${error_log%/*}" || return
	checkpath -f -m 0640 -o root:root "$output_log" "$error_log" || return
{%- endif %}
	"$command" end
}

{% if not parent -%}
# TERM to the main process is supervise-daemon's, to the others the launcher's.
stop_pre() {
	"$command" stop "$(service_get_value child_pid)"
}

{% endif -%}
# Returns when no process of the service is left.
stop_post() {
	"$command" end
}
{%- if reload %}

reload() {
	ebegin "Reloading $RC_SVCNAME"
	"$command" reload
	eend $?
}
{%- endif %}
