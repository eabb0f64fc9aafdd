//! Single questions to the server.

use tokio::time::{Duration, Instant};
use tokio_xmpp::minidom::{Element, ElementBuilder};

use super::findings::{Check, Findings};
use super::session::Session;
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::stanza::ns;

/// The services that the server has beside itself.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) rooms: Option<String>,
    pub(super) pubsub: Option<String>,
}

/// XEP-0199
pub(super) async fn ping(
    session: &mut Session,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::Ping);
    match one_ping(session).await? {
        Ok(_) => findings.present(Check::Ping, ""),
        Err((condition, _)) => findings.missing(Check::Ping, condition),
    }
    Ok(())
}

async fn one_ping(
    session: &mut Session,
) -> Result<Result<Element, super::session::Refusal>, ConnectError> {
    let domain = session.jid.domain().to_owned();
    let ping = Element::builder("ping", ns::PING);
    session.ask(Some(&domain), "get", ping).await
}

/// A server with more services than this is asked about the first ones.
const MAX_SERVICES: usize = 16;

/// XEP-0030: what the server is, and what services there are. Without an answer the usual names
/// are tried.
pub(super) async fn discovery(
    session: &mut Session,
    findings: &mut Findings,
) -> Result<Services, ConnectError> {
    findings.begin(Check::Discovery);
    let domain = session.jid.domain().to_owned();
    let mut names = Vec::new();
    match session
        .ask(Some(&domain), "get", query(ns::DISCO_INFO))
        .await?
    {
        Ok(info) => match has_feature(&info, "msgoffline") {
            true => {
                findings.present(Check::Offline, "");
                findings.caution(
                    Check::Offline,
                    "a message to an agent that is not there is kept, and its sender believes \
                     that it has arrived",
                );
            }
            false => findings.missing(Check::Offline, ""),
        },
        Err((condition, _)) => {
            findings.missing(Check::Discovery, condition);
            findings.not_checked(Check::Offline, "the server does not say what it does");
        }
    }
    if !findings.has(Check::Discovery) {
        match session
            .ask(Some(&domain), "get", query(ns::DISCO_ITEMS))
            .await?
        {
            Ok(answer) => {
                let items = answer.get_child("query", ns::DISCO_ITEMS);
                let items = items.into_iter().flat_map(Element::children);
                names.extend(items.filter_map(|item| item.attr("jid")).map(str::to_owned));
                findings.present(Check::Discovery, "");
            }
            Err((_, words)) => {
                findings.broken(Check::Discovery, format!("no list of services: {words}"));
            }
        }
    }
    if names.is_empty() {
        // Nothing speaks for these names, and nothing against them.
        let usual = |name: &str| Some(format!("{name}.{domain}"));
        return Ok(Services {
            rooms: usual("conference"),
            pubsub: usual("pubsub"),
        });
    }
    let mut services = Services::default();
    for name in names.into_iter().take(MAX_SERVICES) {
        let Ok(info) = session
            .ask(Some(&name), "get", query(ns::DISCO_INFO))
            .await?
        else {
            continue;
        };
        if is_a(&info, "conference", "text") {
            services.rooms.get_or_insert(name);
        } else if is_a(&info, "pubsub", "service") {
            services.pubsub.get_or_insert(name);
        }
    }
    Ok(services)
}

/// Whether a refusal says that there is no such service.
pub(super) fn is_nobody(condition: &str) -> bool {
    matches!(
        condition,
        "service-unavailable" | "remote-server-not-found" | "remote-server-timeout"
    )
}

fn query(space: &'static str) -> ElementBuilder {
    Element::builder("query", space)
}

/// Whether an entity says that it is this.
fn is_a(answer: &Element, category: &str, kind: &str) -> bool {
    about(answer).any(|child| {
        child.name() == "identity"
            && child.attr("category") == Some(category)
            && child.attr("type") == Some(kind)
    })
}

fn has_feature(answer: &Element, feature: &str) -> bool {
    about(answer).any(|child| child.name() == "feature" && child.attr("var") == Some(feature))
}

fn about(answer: &Element) -> impl Iterator<Item = &Element> {
    let info = answer.get_child("query", ns::DISCO_INFO);
    info.into_iter().flat_map(Element::children)
}

/// The list of contacts (RFC 6121, section 2).
pub(super) async fn contacts(
    session: &mut Session,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::Contacts);
    match session.ask(None, "get", query(ns::ROSTER)).await? {
        Ok(_) => findings.present(Check::Contacts, ""),
        Err((condition, _)) => findings.missing(Check::Contacts, condition),
    }
    Ok(())
}

/// XEP-0313: whether what is said is kept.
pub(super) async fn archive(
    session: &mut Session,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::Archive);
    let own = session.jid.bare_str().to_owned();
    let info = session
        .ask(Some(&own), "get", query(ns::DISCO_INFO))
        .await?;
    match info {
        Ok(info) if has_feature(&info, ns::ARCHIVE) => {}
        Ok(_) => {
            findings.missing(Check::Archive, "");
            return Ok(());
        }
        Err((condition, _)) => {
            findings.not_checked(Check::Archive, condition);
            return Ok(());
        }
    }
    let wish = Element::builder("prefs", ns::ARCHIVE);
    let wish = session.ask(None, "get", wish).await?;
    let keeps = wish.ok().and_then(|answer| {
        let prefs = answer.get_child("prefs", ns::ARCHIVE)?;
        prefs.attr("default").map(str::to_owned)
    });
    match keeps.as_deref() {
        Some("never") => findings.missing(Check::Archive, "only for those who ask for it"),
        _ => {
            findings.present(Check::Archive, "");
            findings.caution(
                Check::Archive,
                "every message is written down twice, which makes a flood of them several times \
                 slower",
            );
        }
    }
    Ok(())
}

const PINGS: usize = 20;

/// On one machine an answer that takes longer than this waits for something.
const SLOW: Duration = Duration::from_millis(30);

/// How long a question and its answer take.
pub(super) async fn round_trip(
    session: &mut Session,
    is_near: bool,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::RoundTrip);
    let mut times = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let begin = Instant::now();
        // To refuse takes as long.
        let _ = one_ping(session).await?;
        times.push(begin.elapsed());
    }
    let median = median(times);
    let detail = format!(
        "{:.1} ms, the median of {PINGS}",
        median.as_secs_f64() * 1000.0
    );
    findings.present(Check::RoundTrip, detail);
    if is_near && median > SLOW {
        findings.caution(
            Check::RoundTrip,
            "much for one machine: the server may hold small packets back",
        );
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_answer_is_not_the_median() {
        let times = [3, 900, 1, 2, 4].map(Duration::from_millis);
        assert_eq!(median(times.into()), Duration::from_millis(3));
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }

    #[test]
    fn what_an_entity_says_of_itself_is_read() {
        let answer: Element = "<iq xmlns='jabber:client' type='result'>\
            <query xmlns='http://jabber.org/protocol/disco#info'>\
            <identity category='conference' type='text'/><feature var='msgoffline'/>\
            </query></iq>"
            .parse()
            .unwrap();
        assert!(is_a(&answer, "conference", "text"));
        assert!(!is_a(&answer, "pubsub", "service"));
        assert!(has_feature(&answer, "msgoffline") && !has_feature(&answer, ns::ARCHIVE));
    }
}
