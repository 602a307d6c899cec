"""Plugins for judgebench in a package of their own."""
