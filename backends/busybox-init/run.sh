#!/bin/sh
# What busybox's init starts for {{ service }}. The launcher stays the parent, and starts the
# service again itself: init would, a second after each end.
#
# init may start a line that has just been put aside: it looks when it gets to it.
grep -q '^[^#].*:{{ run }}$' {{ inittab | sh }} || exit 0
{% if output.inherit or output.syslog -%}
exec {{ launcher | sh }} supervise
{% else -%}
umask 0022
mkdir -p {{ log_folder | sh }}
umask 0027
exec {{ launcher | sh }} supervise >>{{ log_file | sh }} 2>&1
{% endif -%}
