"""Answers that are given again, and answers on their way that are shared.

Everything here is in memory and ends with the process. Does not know HTTP, providers or routes:
whoever calls says whose question it is, and what was answered.
"""
