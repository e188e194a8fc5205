# ------------------------------------------------------------------- the rest
# Something comes before the program, so that no start is a common one: all of this has been read
# when it begins, and nothing is put off.
crashed='' launcher_put_off='' launcher_refused='' launcher_switch=''

# A start from its beginning.
main() {
	: >"$state_folder/result"
	service_conditions
	run_pre_start
	prepare
	gather
	collect_anew
	word "$program"
	service_words
	become
}

