{%- if process.account %}
	account {{ process.user | sh }} {{ process.group | sh }}
{%- for group in process.groups %} {{ group | sh }}{% endfor %}
{%- endif %}
{%- if process.nice is defined and process.nice is not none %}
	renice {{ process.nice }} -p $$ >/dev/null 2>&1 || { say 'cannot have the nice level {{ process.nice }}'; exit 201; }
{%- endif %}
{%- if process.io %}
	ionice -c {{ process.io.class }}{% if process.io.priority is not none %} -n {{ process.io.priority }}{% endif %} -p $$ >/dev/null 2>&1 || { say 'cannot have the I/O class'; exit 211; }
{%- endif %}
{%- if process.fleeting %}
	[ -z "$main_pid" ] || service_ended # what ended without an `end` left its folders
{%- endif %}
{%- for folder in process.folders %}
	folder {{ folder.code }} {{ folder.mode }} {% if folder.owned %}owned{% else %}kept{% endif %} {{ folder.path }}
{%- endfor %}
{%- if process.directory %}
	cd {% if process.directory.path %}{{ process.directory.path | sh }}{% else %}"$launcher_home"{% endif %} 2>/dev/null || {% if process.directory.optional -%}
cd /
{%- else -%}
{ say 'cannot enter the working directory'; exit 200; }
{%- endif %}
{%- else %}
	cd /
{%- endif %}
