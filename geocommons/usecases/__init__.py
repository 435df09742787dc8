"""The verbs: one public function for each thing that a person does."""
