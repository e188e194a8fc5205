# ConditionPathExists= and others.
service_conditions() {
{%- for condition in conditions %}
	condition {{ condition.check }} {{ condition.not | sh }} {{ condition.path | sh }}
{%- endfor %}
}
