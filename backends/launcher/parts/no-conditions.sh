service_conditions() { :; }

