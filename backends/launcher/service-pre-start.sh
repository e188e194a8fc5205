# ExecStartPre=, by number, and those whose failure counts as success.
pre_starts={{ pre_start_count }}
pre_start_ignores=' {% for command in pre_starts %}{% if command.ignores_failure %}{{ loop.index }} {% endif %}{% endfor %}'
# shellcheck disable=SC2016
pre_start() {
	case $1 in
{%- for command in pre_starts %}
	{{ loop.index }})
{%- for word in command.words %}
		{% include "word" %}
{%- endfor %}
		;;
{%- endfor %}
	esac
}
