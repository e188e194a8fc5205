#!/bin/sh
{%- if not output.inherit %}
exec 2>&1
{%- endif %}
{%- for dependency in needs %}
# As long as it takes: what it needs may be slow, and its policy may be not to come back.
until sv -w 10 check ../{{ dependency }} >/dev/null; do
	echo 'waiting for the service' {{ dependency }}
	sleep 1
done
{%- endfor %}
{%- if wants %}
# Boot order, at the first start only: wait for what is enabled, go on without it.
if ! [ -e {{ state_folder }}/pid ]; then
	for wanted in{% for name in wants %} {{ name }}{% endfor %}; do
		[ -e "../$wanted/run" ] || continue
		[ -e "../$wanted/supervise/ok" ] || sleep 1 # runsvdir starts them all at once
		sv -w 10 check "../$wanted" >/dev/null
	done
fi
{%- endif %}
{% if parent -%}
{% if restarts -%}
# The launcher starts the service again itself, since runsv leaves a second between two starts.
{% else -%}
# The launcher stays the parent, as some of what the service has to be given needs that.
{% endif -%}
exec {{ launcher | sh }} supervise {% if restarts %}again{% else %}once{% endif %}
{% else -%}
exec chpst -P {{ launcher | sh }}
{% endif -%}
