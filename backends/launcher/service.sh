#!/bin/sh
# Runs {{ service | comment }} as systemd (254 or newer) runs it, under another supervisor, which
# starts this in place of the program. At every start the env files are read again, as
# EnvironmentFile= does, and the program takes over this process with the arguments, the
# environment and the initial state that systemd gives it. Nothing in an env file is ever
# executed or expanded, and its text never meets eval. What is ignored is told on stderr with the
# file, the line and the reason, but never with a value: values can be secrets.
#
# Without arguments it is a start. The verbs for all else are at the end of this file.

# ---------------------------------------------------------------- the service
# Its name, for messages, what is executed, without a look into PATH, and where its state is.
service={{ service | sh }}
program={{ program | sh }}
state_folder=/run/kubelet-unit/{{ service }}

# Its end and its next start: KillSignal=, TimeoutStopSec= and RestartSec=. Times
# are in hundredths of a second.
stop_signal={{ stop_signal }}
stop_timeout={{ stop_timeout }}
restart_delay={{ restart_delay }}
{%- if limit %}

# StartLimitBurst= and StartLimitIntervalSec=
limit_starts={{ limit.starts }}
limit_within={{ limit.within }}
{%- endif %}
{%- if ending %}

# Restart= and SuccessExitStatus=, RestartForceExitStatus= and RestartPreventExitStatus=:
# exit codes, and 256 and the signal.
restart_on={{ ending.restart_on | sh }}
clean_ends={{ ending.clean | sh }}
force_ends={{ ending.force | sh }}
prevent_ends={{ ending.prevent | sh }}
{%- endif %}
{%- if reload_signal %}

# ExecReload=
reload_signal={{ reload_signal }}
{%- endif %}

# Environment=, after what systemd itself sets. The files override all of it.
# shellcheck disable=SC2016 # a dollar sign is one
service_environment() {
{%- if specifiers %}
	host_values
{%- endif %}
	inline PATH {{ path | sh }}
	inline LANG C.UTF-8
	inline USER root
{%- if process.has_user %}
	launcher_environment=$launcher_environment$launcher_login
{%- endif %}
{%- for variable in process.variables %}
	inline {{ variable.name }} {{ variable.value | sh }}
{%- endfor %}
{%- for variable in environment %}
	inline {{ variable.name }} {% for piece in variable.pieces -%}
{% if piece.host %}"$host_{{ piece.host }}"{% else %}{{ piece.text | sh }}{% endif %}
{%- endfor %}
{%- endfor %}
}

# EnvironmentFile=, in order: a later file overrides an earlier one.
# `optional` is systemd's `-` before the path.
service_env_files() {
{%- for file in env_files %}
{%- if file.pattern %}
	set +f
	set -- {{ file.pattern | sh_pattern }}
	set -f
	env_file {% if file.optional %}optional{% else %}required{% endif %} "$@"
{%- else %}
	env_file {% if file.optional %}optional{% else %}required{% endif %} {{ file.path | sh }}
{%- endif %}
{%- else %}
	:
{%- endfor %}
}

# Notes the value of each variable that the words below use: sh has no way but
# eval to read a variable whose name it computes.
{% for name in names -%}
value_of_{{ name }}=''
{% endfor -%}
service_variable() {
	case $1 in
{%- for name in names %}
	{{ name }}=*) value_of_{{ name }}=${1#*=} ;;
{%- endfor %}
	esac
}

# ExecStart=, word by word: `split` is a word that is exactly $NAME, `word` any
# other, with ${NAME} replaced as it is.
# shellcheck disable=SC2016
service_words() {
{%- for word in words %}
	{% include "word" %}
{%- else %}
	:
{%- endfor %}
}

{% if conditions -%}
{% include "conditions" %}
{% endif -%}
{% if pre_starts -%}
{% include "pre-start" %}
{% endif -%}
# WorkingDirectory=, OOMScoreAdjust= and the like.
service_state() {
{%- if process.is_said %}{% include "state" %}{% else %}
	cd /
{% endif %}	{ echo {{ oom_score_adjust }} >/proc/self/oom_score_adj; } 2>/dev/null ||
		say 'the OOM score stays as it was: {{ oom_score_adjust }} was refused'
}
{%- if process.fleeting %}

# RuntimeDirectory=: what goes when nothing of the service is left.
service_ended() {
	rm -rf{% for path in process.fleeting %} {{ path }}{% endfor %}
}
{%- endif %}

# The limits, the last that is done: the env files are read without them.
service_limits() {
{%- for limit in limits %}
	limit {{ limit.resource }} {{ limit.soft }} {{ limit.hard }} {% if limit.letter %}{{ limit.letter }}{% else %}"$nproc"{% endif %}
{%- endfor %}
{%- if process.umask %}
	umask {{ process.umask }}
{%- endif %}
}

