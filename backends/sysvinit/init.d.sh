#!/bin/sh
### BEGIN INIT INFO
# Provides:          {{ service }}
# Required-Start:    $remote_fs{% for name in needs %} {{ name }}{% endfor %}
# Required-Stop:     $remote_fs{% for name in needs %} {{ name }}{% endfor %}
# Should-Start:      $syslog $time{% for name in after %} {{ name | facility }}{% endfor %}
# Should-Stop:       $syslog{% for name in after %} {{ name | facility }}{% endfor %}
{%- if before %}
# X-Start-Before:   {% for name in before %} {{ name }}{% endfor %}
{%- endif %}
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: {{ description | comment }}
### END INIT INFO

PATH=/usr/sbin:/usr/bin:/sbin:/bin
name={{ service }}
# The launcher: it stays the parent, and starts the service again after its delay.
launcher={{ launcher | sh }}
# The launcher's. Many services write one of their own to /run/NAME.pid, which would take its place.
pidfile=/run/{{ service }}.supervisor.pid
{%- if output.inherit %}
log=/dev/console
{%- elif output.syslog %}
log=/dev/null
{%- else %}
log={{ log_file | sh }}
{%- endif %}

# By the name of the script, since what is executed is the shell.
running() {
	start-stop-daemon --status --pidfile "$pidfile" --name "{{ process_name }}"
}

start() {
	umask 0022
{%- if not output.inherit and not output.syslog %}
	mkdir -p "${log%/*}" || return
	umask 0027
{%- endif %}
	start-stop-daemon --start --quiet --oknodo --background --make-pidfile \
		--pidfile "$pidfile" --name "{{ process_name }}" --output "$log" \
		--startas "$launcher" -- supervise
}

# The launcher passes TERM on, and sends the KILL at {{ kill }} s itself.
# start-stop-daemon's own comes only to a launcher that hangs.
stop() {
	start-stop-daemon --stop --quiet --oknodo --remove-pidfile --pidfile "$pidfile" \
		--name "{{ process_name }}" --retry TERM/{{ stop_timeout }}/KILL/5
	"$launcher" end
}

case ${1-} in
start) start ;;
stop) stop ;;
restart | force-reload) stop && start ;;
{% if reload -%}
reload) "$launcher" reload ;;
{% endif -%}
try-restart)
	running || exit 0
	stop && start
	;;
status)
	running
	code=$?
	case $code in
	0) echo "$name is running" ;;
	*) echo "$name is not running" ;;
	esac
	exit "$code"
	;;
*)
	echo "usage: $0 {start|stop|restart|{% if reload %}reload|{% endif %}force-reload|try-restart|status}" >&2
	exit 2
	;;
esac
