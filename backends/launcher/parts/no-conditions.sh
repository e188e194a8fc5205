service_conditions() {
	:
}

