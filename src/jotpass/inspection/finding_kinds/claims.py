"""The claims: what is missing, of the wrong type, untimely, private or secret (RFC 7519 s4)."""

from __future__ import annotations

from typing import Final

from jotpass.inspection.finding_kind import ERROR, INFO, WARNING, FindingKind

CLAIMS: Final = (
    FindingKind(
        "iss_missing",
        WARNING,
        "iss is missing: nobody can say who issued it.",
        reference="RFC 7519 s4.1.1",
    ),
    FindingKind(
        "sub_missing",
        WARNING,
        "sub is missing: it is about nobody.",
        reference="RFC 7519 s4.1.2",
    ),
    FindingKind(
        "aud_missing",
        WARNING,
        "aud is missing: any service may take it for its own.",
        reference="RFC 7519 s4.1.3",
    ),
    FindingKind(
        "exp_missing",
        WARNING,
        "exp is missing: it never expires.",
        reference="RFC 7519 s4.1.4",
    ),
    FindingKind(
        "iat_missing",
        WARNING,
        "iat is missing: its age is unknown.",
        reference="RFC 7519 s4.1.6",
    ),
    FindingKind(
        "jti_missing",
        WARNING,
        "jti is missing: it has no name to revoke it or to notice a replay by.",
        reference="RFC 7519 s4.1.7",
    ),
    FindingKind(
        "claim_missing",
        ERROR,
        "{name} is missing, which {profile} must have.",
    ),
    FindingKind(
        "claim_forbidden",
        ERROR,
        "{name} must not be in {profile}.",
    ),
    FindingKind(
        "claim_wrong_type",
        ERROR,
        "{name} must be {expected}.",
        reference="RFC 7519 s4.1",
    ),
    FindingKind(
        "numeric_date_string",
        ERROR,
        "{name} is a string; a NumericDate is a number of seconds.",
        fix="Write the number without quotes.",
        reference="RFC 7519 s2",
    ),
    FindingKind(
        "numeric_date_milliseconds",
        WARNING,
        "{name} seems to be in milliseconds; a NumericDate counts seconds.",
        fix="Divide by 1000.",
        reference="RFC 7519 s2",
    ),
    FindingKind(
        "expired",
        WARNING,
        "It expired {relative}.",
        reference="RFC 7519 s4.1.4",
    ),
    FindingKind(
        "not_yet_valid",
        WARNING,
        "It is not to be accepted yet, but {relative}.",
        reference="RFC 7519 s4.1.5",
    ),
    FindingKind(
        "iat_in_future",
        WARNING,
        "It claims to be issued {relative}: somebody's clock is wrong.",
        reference="RFC 7519 s4.1.6",
    ),
    FindingKind(
        "exp_before_start",
        ERROR,
        "It expires before it begins ({name}): there is no moment at which it is accepted.",
        reference="RFC 7519 s4.1.4",
    ),
    FindingKind(
        "exp_far_future",
        WARNING,
        "It expires {relative}: stolen once, it is good for as long.",
        fix="Let tokens live for minutes and refresh them.",
        reference="RFC 9700 s2.2",
    ),
    FindingKind(
        "lifetime_long",
        WARNING,
        "It lives {lifetime}; for {profile} more than {limit} is long.",
        fix="Let it live shorter, and refresh it.",
        reference="RFC 9700 s2.2",
    ),
    FindingKind(
        "aud_empty",
        ERROR,
        "aud names nobody.",
        reference="RFC 7519 s4.1.3",
    ),
    FindingKind(
        "aud_wildcard",
        WARNING,
        "aud is a wildcard; audiences are compared exactly, and this one is nobody's name.",
        reference="RFC 7519 s4.1.3",
    ),
    FindingKind(
        "iss_not_https",
        WARNING,
        "iss is not an https URL, so nobody can discover the issuer's keys.",
        reference="RFC 8414 s2",
    ),
    FindingKind(
        "sub_is_email",
        INFO,
        "sub looks like an e-mail address, which may change or pass to somebody else.",
        fix="Use a stable identifier.",
        reference="OIDC Core s5.7",
    ),
    FindingKind(
        "personal_data",
        INFO,
        "Personal data that everybody who sees the token can read: {names}.",
        fix="Look it up by sub, or encrypt the token.",
        reference="RFC 7519 s12",
    ),
    FindingKind(
        "secret_in_claims",
        ERROR,
        "These claims look like secrets, and a token is readable to whoever holds it: {names}.",
        fix="Take them out, and replace them.",
        reference="RFC 7519 s12",
    ),
    FindingKind(
        "number_imprecise",
        WARNING,
        "These numbers are beyond 2^53, and JavaScript rounds them: {names}.",
        fix="Write them as strings.",
        reference="RFC 7493 s2.2",
    ),
)
