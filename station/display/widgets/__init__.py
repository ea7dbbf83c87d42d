"""The parts of the terminal display. Text from labels is shown inert everywhere: never as markup."""
