"""Explaining tokens: what they say, what it means, and what is to be said against them. Nothing is verified.

``explain`` takes anything and answers with a ``Report``; the command line and the page show it. No framework
is imported here.
"""

from __future__ import annotations

from jotpass.inspection.claim_catalog import CLAIMS, Claim
from jotpass.inspection.finding_kind import FindingKind, Severity
from jotpass.inspection.findings import FINDING_KINDS, Finding
from jotpass.inspection.profiles import PROFILES, Profile
from jotpass.inspection.report import MemberRow, Report, explain
from jotpass.inspection.visible_text import visible_parts, visible_text
from jotpass.inspection.wrapping import unwrap

__all__ = [
    "CLAIMS",
    "FINDING_KINDS",
    "PROFILES",
    "Claim",
    "Finding",
    "FindingKind",
    "MemberRow",
    "Profile",
    "Report",
    "Severity",
    "explain",
    "unwrap",
    "visible_parts",
    "visible_text",
]
