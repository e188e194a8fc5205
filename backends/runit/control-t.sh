#!/bin/sh
# A stop or a restart: {{ stop_signal }} to the other processes too, KILL at the stop timeout.
{%- if stop_signal == "TERM" %}
read -r pid <supervise/pid
{{ launcher | sh }} stop "$pid"
exit 1 # and runsv sends its own TERM to the main process
{%- else %}
exec {{ launcher | sh }} stop # runsv sends its TERM only if this fails
{%- endif %}
