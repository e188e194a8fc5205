#!/bin/sh
{%- if not output.inherit %}
exec 2>&1
{%- endif %}
{%- for dependency in needs %}
# As long as it takes: what it needs may be slow, and its policy may be not to come back.
[ -e ../{{ dependency }}/notification-fd ] && up=-U || up=-u
until s6-svwait "$up" -t 10000 ../{{ dependency }}; do
	echo 'waiting for the service' {{ dependency }}
	sleep 1
done
{%- endfor %}
{%- if wants %}
# Boot order, at the first start only: wait for what is enabled, go on without it.
if ! [ -e {{ state_folder }}/pid ]; then
	for wanted in{% for name in wants %} {{ name }}{% endfor %}; do
		[ -e "../$wanted/run" ] || continue
		[ -e "../$wanted/supervise/status" ] || sleep 1 # s6-svscan starts them all at once
		[ -e "../$wanted/notification-fd" ] && up=-U || up=-u
		if s6-svok "../$wanted"; then s6-svwait "$up" -t 10000 "../$wanted"; fi
	done
fi
{%- endif %}
# The launcher stays the parent: s6-supervise signals one process, and has no hook
# to reach the others before it does.
{%- if restarts %}
# It starts the service again itself, since s6-supervise leaves a second between two starts.
{%- endif %}
exec {{ launcher | sh }} supervise {% if restarts %}again{% else %}once{% endif %}{% if hears %} ready{% endif %}
