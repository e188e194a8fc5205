#!/bin/sh
# Starts the launcher of {{ service | comment }} with its output in a pipe, from which logger(1)
# takes it to syslog. All other verbs are the launcher's.
case ${1-} in supervise) ;; *) exec {{ launcher | sh }} "$@" ;; esac
umask 0022
mkdir -p /run/kubelet-unit
rm -f {{ pipe | sh }}
# Without one of the two the service runs all the same.
if ! command -v logger >/dev/null || ! mkfifo -m 0600 {{ pipe | sh }}; then
	exec {{ launcher | sh }} "$@"
fi
# It ends with the last that writes, and not with a stop of the service. Until there is a
# syslog, what is printed waits in the pipe, for a minute.
(
	trap '' HUP INT QUIT TERM
	exec <{{ pipe | sh }} >/dev/null 2>&1
	tries=0
	until logger -t {{ service | sh }} -p daemon.info; do
		tries=$((tries + 1))
		[ "$tries" -lt 60 ] || exec cat
		sleep 1
	done
) &
exec {{ launcher | sh }} "$@" >{{ pipe | sh }} 2>&1
