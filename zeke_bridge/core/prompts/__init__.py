"""The words a model is asked with: one module a family of tasks. Pure: a question in, messages out.

Short and plain, because the smallest model that has to understand them has half a billion
parameters. Does not know which model it will be, nor how answers are read.
"""
