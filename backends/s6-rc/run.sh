#!/bin/sh
{%- if pipeline %}
exec 2>&1
{%- endif %}
{%- if wants %}
# Boot order, at the first start only: wait for what is enabled, go on without it.
if ! [ -e {{ state_folder }}/pid ]; then
	for wanted in $(s6-rc-db contents {{ bundle }} 2>/dev/null); do
		case $wanted in
		{% for name in wants %}{% if not loop.first %} | {% endif %}{{ name }}{% endfor %}) ;;
		*) continue ;;
		esac
		[ -e "../$wanted/run" ] || continue # a oneshot
		[ -e "../$wanted/notification-fd" ] && up=-U || up=-u
		s6-svwait "$up" -t 10000 "../$wanted"
	done
fi
{%- endif %}
# The launcher stays the parent: s6-supervise signals one process, and has no hook
# to reach the others before it does.
{%- if restarts %}
# It starts the service again itself, since s6-supervise leaves a second between two starts.
{%- endif %}
exec {{ launcher | sh }} supervise {% if restarts %}again{% else %}once{% endif %}{% if hears %} ready{% endif %}
