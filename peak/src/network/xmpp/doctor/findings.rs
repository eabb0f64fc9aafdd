//! What was found, check by check.

use std::collections::BTreeMap;

use crate::network::xmpp::error::ConnectError;

/// Declares the checks, in the order in which they are told.
macro_rules! checks {
    ($($(#[$attribute:meta])* $check:ident: $importance:ident,)*) => {
        /// What is looked at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Check {
            $($(#[$attribute])* $check,)*
        }

        impl Check {
            /// All there are.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$check),*];

            /// How much depends on it, if nothing else is said.
            fn importance(self) -> Importance {
                match self {
                    $(Self::$check => Importance::$importance,)*
                }
            }
        }
    };
}

checks! {
    /// Records of the domain in the DNS.
    Dns: Optional,
    Tcp: Required,
    /// Whether it is an XMPP server.
    Stream: Required,
    StartTls: Optional,
    DirectTls: Optional,
    TlsVersion: Optional,
    Certificate: Required,
    /// Ways to log in.
    Login: Required,
    ChannelBinding: Optional,
    Registration: Recommended,
    /// The account to look with.
    Account: Optional,
    Bind: Required,
    StreamManagement: Recommended,
    Ping: Recommended,
    Discovery: Recommended,
    /// A message to oneself.
    Message: Required,
    Contacts: Recommended,
    Rooms: Recommended,
    PubSub: Recommended,
    /// The port of components.
    Component: Recommended,
    /// A copy of every message.
    Archive: Optional,
    /// Messages are kept for those who are not there.
    Offline: Optional,
    RoundTrip: Optional,
}

/// How a check has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Present,
    Missing,
    /// It is there, and does not do what it should.
    Broken,
    NotChecked,
}

/// How much depends on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Importance {
    /// No agent runs without it.
    Required,
    /// Something does not work without it.
    Recommended,
    Optional,
}

/// How one check has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) check: Check,
    pub(crate) status: Status,
    pub(crate) importance: Importance,
    /// What was seen, in words.
    pub(crate) detail: String,
    /// Set if it is there, and should still be another way: why.
    pub(crate) caution: Option<String>,
}

impl Finding {
    /// Whether no agent can run because of it.
    pub(crate) fn is_fatal(&self) -> bool {
        self.importance == Importance::Required && self.is_wrong()
    }

    /// Whether it should be there and is not, or not as it should be.
    pub(crate) fn is_wrong(&self) -> bool {
        let is_wrong = matches!(self.status, Status::Missing | Status::Broken);
        is_wrong && (self.importance != Importance::Optional || self.status == Status::Broken)
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: BTreeMap<Check, Finding>,
    /// Where these differ from the usual.
    importances: BTreeMap<Check, Importance>,
    /// What is being looked at.
    current: Option<Check>,
}

impl Findings {
    /// Says how much depends on a check here.
    pub(super) fn weigh(&mut self, check: Check, importance: Importance) {
        self.importances.insert(check, importance);
    }

    /// This check comes next: if the connection breaks, it was at this.
    pub(super) fn begin(&mut self, check: Check) {
        self.current = Some(check);
    }

    pub(super) fn present(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Status::Present, detail.into());
    }

    pub(super) fn missing(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Status::Missing, detail.into());
    }

    pub(super) fn broken(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Status::Broken, detail.into());
    }

    pub(super) fn not_checked(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Status::NotChecked, detail.into());
    }

    fn add(&mut self, check: Check, status: Status, detail: String) {
        let finding = Finding {
            check,
            status,
            importance: self.weight(check),
            detail,
            caution: None,
        };
        self.found.insert(check, finding);
    }

    fn weight(&self, check: Check) -> Importance {
        let said = self.importances.get(&check);
        said.copied().unwrap_or(check.importance())
    }

    pub(super) fn has(&self, check: Check) -> bool {
        self.found.contains_key(&check)
    }

    /// Adds words to what was seen.
    pub(super) fn append(&mut self, check: Check, words: &str) {
        if let Some(finding) = self.found.get_mut(&check)
            && !words.is_empty()
        {
            finding.detail.push_str("; ");
            finding.detail.push_str(words);
        }
    }

    /// Adds to what was found why it should be another way.
    pub(super) fn caution(&mut self, check: Check, why: impl Into<String>) {
        if let Some(finding) = self.found.get_mut(&check) {
            finding.caution = Some(why.into());
        }
    }

    /// The connection broke at the check that was begun last.
    pub(super) fn broke(&mut self, error: &ConnectError) {
        if let Some(check) = self.current
            && !self.found.contains_key(&check)
        {
            self.broken(check, error.to_string());
        }
        self.stop("the connection was lost before that");
    }

    /// Goes no further, for this reason.
    pub(super) fn stop(&mut self, reason: &str) {
        for check in Check::ALL {
            if !self.found.contains_key(check) {
                self.not_checked(*check, reason);
            }
        }
    }

    /// All of them, in their order.
    pub(super) fn complete(mut self) -> Vec<Finding> {
        self.stop("not reached");
        self.found.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reached_is_told_with_the_reason() {
        let mut findings = Findings::default();
        findings.present(Check::Tcp, "x:1");
        findings.begin(Check::Ping);
        let error = ConnectError::Timeout {
            place: "x:1".to_owned(),
            seconds: 4,
        };
        findings.broke(&error);
        let all = findings.complete();
        assert_eq!(all.len(), Check::ALL.len());
        let of = |check: Check| all.iter().find(|finding| finding.check == check).unwrap();
        assert_eq!(of(Check::Tcp).status, Status::Present);
        assert_eq!(of(Check::Ping).status, Status::Broken);
        assert!(of(Check::Ping).is_wrong() && !of(Check::Ping).is_fatal());
        assert_eq!(of(Check::Rooms).status, Status::NotChecked);
        assert!(!of(Check::Rooms).is_wrong());
    }

    #[test]
    fn only_what_is_required_is_fatal() {
        let mut findings = Findings::default();
        findings.weigh(Check::StartTls, Importance::Required);
        findings.missing(Check::StartTls, "");
        findings.missing(Check::Rooms, "");
        findings.missing(Check::Archive, "");
        let all = findings.complete();
        let wrong: Vec<Check> = all
            .iter()
            .filter(|finding| finding.is_wrong())
            .map(|finding| finding.check)
            .collect();
        assert_eq!(wrong, [Check::StartTls, Check::Rooms]);
        let fatal: Vec<&Finding> = all.iter().filter(|finding| finding.is_fatal()).collect();
        assert_eq!(fatal.len(), 1);
    }
}
