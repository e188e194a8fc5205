#!/bin/sh
# After each end, a stop too. Returns when nothing of the service is left; after
# a crash it waits for the restart delay, which a stop or a restart cuts short.
status=$1
[ "$1" -ge 0 ] || status=$((256 + $2))
{%- if always %}
exec {{ launcher | sh }} finish 0 "$status"
{%- else %}
{{ launcher | sh }} finish 0 "$status"
[ $? -ne 125 ] || printf d >supervise/control # its policy: not again
{%- endif %}
