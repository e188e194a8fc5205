#!/bin/sh
# After each end, a stop too. Returns when nothing of the service is left; after
# a crash it waits for the restart delay, which a stop or a start cuts short. The
# last second of the delay is s6-supervise's own.
{%- if not always %}
# Exit code 125 is s6's word for: not again.
{%- endif %}
status=$1
[ "$1" -lt 256 ] || status=$((256 + $2))
exec {{ launcher | sh }} finish 100 "$status"
