//! What was found, for people: a line each, and below it what to do, where there is need.

use super::words::{Words, status_of};
use crate::launch::terminal::escape;
use crate::network::xmpp::doctor::{Check, Finding, Importance, Patient, Report, Status};

/// All that is printed.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) patient: &'a Patient,
    pub(super) report: &'a Report,
    /// What to do is said of all, and not only of what is wrong.
    pub(super) everything: bool,
}

/// Where what belongs to a line begins.
const INDENT: &str = "             ";

/// Colours, or nothing.
struct Paint(bool);

impl Paint {
    fn paint(&self, colour: &'static str, text: &str) -> String {
        match self.0 {
            true => format!("\x1b[{colour}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const GREEN: &str = "32";
const FAINT: &str = "2";
const CYAN: &str = "1;36";

impl Page<'_> {
    pub(super) fn text(&self, colours: bool) -> String {
        let paint = Paint(colours);
        let domain = &self.patient.domain;
        let place = self.report.place.as_deref().unwrap_or_default();
        let mut text = format!("The XMPP server of {domain}, at {place}\n\n");
        let findings = &self.report.findings;
        let titles = findings.iter().map(|finding| title(finding.check, domain));
        let width = titles.map(|title| title.chars().count()).max();
        for finding in findings {
            if !self.is_left_out(finding) {
                self.line(finding, width.unwrap_or_default(), &paint, &mut text);
            }
        }
        text.push('\n');
        self.summary(&paint, &mut text);
        text
    }

    /// Of what was not checked for one and the same reason, the summary tells.
    fn is_left_out(&self, finding: &Finding) -> bool {
        let is_alike =
            |other: &&Finding| other.status == Status::NotChecked && other.detail == finding.detail;
        let alike = self.report.findings.iter().filter(is_alike).count();
        !self.everything && finding.status == Status::NotChecked && alike > 1
    }

    fn line(&self, finding: &Finding, width: usize, paint: &Paint, text: &mut String) {
        let words = Words::of(finding.check, &self.patient.domain);
        let status = format!("{:<11}", status_of(finding.check, finding.status));
        let line = format!("{}  ", paint.paint(colour(finding), &status));
        text.push_str(&line);
        let title = title(finding.check, &self.patient.domain);
        let mut rest = format!("{title:<width$}  ");
        escape(&finding.detail, &mut rest);
        text.push_str(rest.trim_end());
        text.push('\n');
        let is_wrong = finding.is_wrong();
        if let Some(caution) = &finding.caution {
            text.push_str(INDENT);
            text.push_str(&paint.paint(CYAN, "hint: "));
            escape(caution, text);
            text.push('\n');
        }
        if (is_wrong || self.everything) && !words.effect.is_empty() {
            text.push_str(INDENT);
            text.push_str(&paint.paint(CYAN, "without it: "));
            text.push_str(words.effect);
            text.push('\n');
        }
        if is_wrong || finding.caution.is_some() || self.everything {
            for (server, lines) in [("Prosody", &words.prosody), ("ejabberd", &words.ejabberd)] {
                let Some(lines) = lines else { continue };
                text.push_str(&format!(
                    "{INDENT}{}\n",
                    paint.paint(CYAN, &format!("{server}:"))
                ));
                for line in lines.lines() {
                    text.push_str(&format!("{INDENT}    {line}\n"));
                }
            }
        }
    }

    fn summary(&self, paint: &Paint, text: &mut String) {
        let findings = &self.report.findings;
        let titles = |these: &dyn Fn(&Finding) -> bool| {
            let findings = findings.iter().filter(|finding| these(finding));
            let titles = findings.map(|finding| Words::of(finding.check, "").title);
            titles.collect::<Vec<_>>().join(", ")
        };
        let fatal = titles(&Finding::is_fatal);
        let wrong = titles(&|finding| finding.is_wrong() && !finding.is_fatal());
        let not_known = |importance: Importance| {
            findings.iter().any(|finding| {
                finding.status == Status::NotChecked && finding.importance == importance
            })
        };
        let (colour, verdict) = if self.report.interrupted {
            (YELLOW, "Interrupted before the end.".to_owned())
        } else if !fatal.is_empty() {
            let verdict = format!("Agents cannot run there until this is put right: {fatal}.");
            (RED, verdict)
        } else if not_known(Importance::Required) {
            let verdict = "So far nothing keeps agents from running there.".to_owned();
            (YELLOW, verdict)
        } else if !wrong.is_empty() || not_known(Importance::Recommended) {
            (GREEN, "Agents can run there.".to_owned())
        } else {
            (
                GREEN,
                "Agents can run there, and have all they use.".to_owned(),
            )
        };
        text.push_str(&paint.paint(colour, &verdict));
        text.push('\n');
        if !wrong.is_empty() {
            text.push_str(&format!("Recommended, and missing or broken: {wrong}.\n"));
        }
        let mut reasons: Vec<&str> = Vec::new();
        for finding in findings.iter().filter(|finding| self.is_left_out(finding)) {
            if !reasons.contains(&finding.detail.as_str()) {
                reasons.push(&finding.detail);
            }
        }
        for reason in reasons {
            let these =
                titles(&|finding| finding.status == Status::NotChecked && finding.detail == reason);
            text.push_str("Not checked (");
            escape(reason, text);
            text.push_str(&format!("): {these}.\n"));
        }
        if let Some(account) = &self.report.left_over {
            let warning = format!(
                "The account `{account}` was made for this, and could not be removed: \
                 `prosodyctl deluser {account}`, or `ejabberdctl unregister {} {}`.",
                account.local().unwrap_or_default(),
                account.domain()
            );
            text.push_str(&paint.paint(YELLOW, &warning));
            text.push('\n');
        }
    }
}

fn title(check: Check, domain: &str) -> String {
    let words = Words::of(check, domain);
    match words.xep.filter(|xep| xep.starts_with("XEP")) {
        Some(xep) => format!("{} ({xep})", words.title),
        None => words.title.to_owned(),
    }
}

fn colour(finding: &Finding) -> &'static str {
    match finding.status {
        _ if finding.is_fatal() => RED,
        _ if finding.is_wrong() || finding.caution.is_some() => YELLOW,
        Status::Present => GREEN,
        _ => FAINT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::xmpp::Xmpp;

    fn patient() -> Patient {
        Patient {
            domain: "a.example".to_owned(),
            settings: Xmpp::new().settings().unwrap(),
            account: None,
            component: None,
            component_port: 5347,
            tls_port: 5223,
        }
    }

    fn page(findings: &[(Check, Status, Importance, &str)], everything: bool) -> String {
        let findings = findings
            .iter()
            .map(|(check, status, importance, detail)| Finding {
                check: *check,
                status: *status,
                importance: *importance,
                detail: (*detail).to_owned(),
                caution: None,
            });
        let report = Report {
            findings: findings.collect(),
            place: Some("x:5222".to_owned()),
            ..Report::default()
        };
        let page = Page {
            patient: &patient(),
            report: &report,
            everything,
        };
        page.text(false)
    }

    #[test]
    fn what_is_there_takes_a_line_and_what_is_not_takes_more() {
        let present = (Check::Tcp, Status::Present, Importance::Required, "x:5222");
        let missing = (Check::Ping, Status::Missing, Importance::Recommended, "no");
        assert_eq!(
            page(&[present, missing], false),
            "The XMPP server of a.example, at x:5222\n\
             \n\
             present      TCP              x:5222\n\
             missing      ping (XEP-0199)  no\n             \
             without it: a connection that is dead is noticed later\n             \
             Prosody:\n                 \
             modules_enabled = { \"ping\" } -- and those that are there\n             \
             ejabberd:\n                 \
             modules:\n                   \
             mod_ping: {}\n\
             \n\
             Agents can run there.\n\
             Recommended, and missing or broken: ping.\n"
        );
        assert!(page(&[present], true).contains("c2s_ports = { 5222 }"));
    }

    #[test]
    fn what_was_not_checked_for_one_reason_is_told_at_once() {
        let of = |check| {
            (
                check,
                Status::NotChecked,
                Importance::Recommended,
                "no account",
            )
        };
        let text = page(&[of(Check::Ping), of(Check::Rooms)], false);
        assert!(
            text.ends_with("\n\nAgents can run there.\nNot checked (no account): ping, rooms.\n"),
            "{text}"
        );
        let text = page(&[of(Check::Ping), of(Check::Rooms)], true);
        assert!(
            text.contains("not checked  rooms (XEP-0045)  no account\n"),
            "{text}"
        );
    }

    #[test]
    fn a_server_does_not_steer_the_terminal() {
        let words = "\x1b[2J\npresent  everything";
        let text = page(
            &[(Check::Rooms, Status::Broken, Importance::Recommended, words)],
            false,
        );
        assert!(!text.contains('\x1b'), "{text}");
        assert!(
            !text.lines().any(|line| line.starts_with("present")),
            "{text}"
        );
    }
}
