"""Every finding there is: one frozen row each, in a room for each part of a token that they are about.

Rules elsewhere decide when a finding applies; what it says stands here alone, so that the page, the command
line and the documentation say the same.
"""
