"""The sample company and a recorded morning at its dock: data of the demo."""
