#!/bin/sh
# What init starts, whose entry has no room for it. The launcher stays the parent.
#
# init may start an entry that has just been put aside: it looks when it gets to it.
[ -e {{ entry | sh }} ] || exit 0
{% if output.inherit or output.syslog -%}
exec {{ launcher | sh }} supervise
{% else -%}
umask 0022
mkdir -p {{ log_folder | sh }}
umask 0027
exec {{ launcher | sh }} supervise >>{{ log_file | sh }} 2>&1
{% endif -%}
