//! What was found, for programs.

use serde::Serialize;

use super::words::{Words, status};
use crate::network::xmpp::doctor::{Importance, Patient, Report};

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    domain: &'a str,
    /// Host and port; null if nobody answers.
    server: Option<&'a str>,
    /// Why nobody answers.
    error: Option<String>,
    /// An account that was made and not removed.
    left_over: Option<String>,
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    name: &'static str,
    /// The specification.
    xep: Option<&'static str>,
    status: &'static str,
    required: bool,
    recommended: bool,
    detail: &'a str,
    /// Why it should be another way, though it is there.
    caution: Option<&'a str>,
    effect: &'static str,
    remedy: Remedy,
}

#[derive(Serialize)]
struct Remedy {
    prosody: Option<String>,
    ejabberd: Option<String>,
}

/// One object, and the end of the line.
pub(super) fn of(patient: &Patient, report: &Report) -> serde_json::Result<String> {
    let checks = report.findings.iter().map(|finding| {
        let words = Words::of(finding.check, &patient.domain);
        Check {
            name: words.name,
            xep: words.xep,
            status: status(finding.status),
            required: finding.importance == Importance::Required,
            recommended: finding.importance == Importance::Recommended,
            detail: &finding.detail,
            caution: finding.caution.as_deref(),
            effect: words.effect,
            remedy: Remedy {
                prosody: words.prosody,
                ejabberd: words.ejabberd,
            },
        }
    });
    let answer = Answer {
        ok: !report.interrupted && !report.findings.iter().any(|finding| finding.is_fatal()),
        domain: &patient.domain,
        server: report.place.as_deref(),
        error: report.silence.as_ref().map(ToString::to_string),
        left_over: report.left_over.as_ref().map(ToString::to_string),
        checks: checks.collect(),
    };
    Ok(serde_json::to_string_pretty(&answer)? + "\n")
}
