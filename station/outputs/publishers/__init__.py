"""Sends what happened to other programs: history over MQTT and webhooks, in order, nothing left out."""
