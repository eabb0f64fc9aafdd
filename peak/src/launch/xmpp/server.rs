//! From wishes to the settings of a connection, with everything checked that can be without one.

use peak_shared::xmpp::{Password, Said, Verify, Wishes};

use super::domain::{Domain, Way, Who};
use crate::launch::problem::{Problem, Problems};
use crate::network::xmpp::Xmpp;
use crate::network::xmpp::credentials::{self, Source};
use crate::network::xmpp::settings::{self, SettingsError, server};

/// Whether each value of one section, or of the command line, can be what it should be.
pub(in crate::launch) fn check(wishes: &Wishes, problems: &mut Problems) {
    let mut check = |result: Result<(), Problem>| {
        problems.note(result);
    };
    if let Some(said) = &wishes.server {
        let port = server::parse(&said.value).map(|(_, port)| port);
        check(match (port, &wishes.port) {
            (Err(error), _) => Err(wrong(said, &error)),
            (Ok(Some(one)), Some(other)) if one != other.value => {
                Err(wrong(other, &SettingsError::TwoPorts(one, other.value)))
            }
            (Ok(_), _) => Ok(()),
        });
    }
    if let Some(said) = &wishes.ca {
        check(match &wishes.verify {
            Some(verify) if verify.value != Verify::Yes => {
                Err(wrong(said, &SettingsError::TrustTwice))
            }
            _ => settings::check_ca(&said.value).map_err(|error| wrong(said, &error)),
        });
    }
    for said in [&wishes.password, &wishes.secret].into_iter().flatten() {
        let read = source(&said.value).read_for_all();
        check(read.map(drop).map_err(|error| wrong(said, &error.into())));
    }
    if let Some(said) = &wishes.credentials {
        let read = credentials::check_file(&said.value);
        check(read.map_err(|error| wrong(said, &error.into())));
    }
    if let Some(said) = &wishes.component {
        let domain = settings::component_domain(&said.value);
        check(domain.map(drop).map_err(|error| wrong(said, &error)));
        let accounts = wishes.password.as_ref().and_then(|said| said.place);
        let accounts = accounts.or(wishes.credentials.as_ref().and_then(|said| said.place));
        if let Some(place) = accounts {
            check(Err(Problem::at(place, "a component has no accounts").hint(
                "leave it out: a component has a secret, `secret_file` or `secret_env`",
            )));
        }
    }
}

/// The same, for a connection.
pub(in crate::launch) fn connection(wishes: &Wishes) -> Xmpp {
    fn value<T: Clone>(said: &Option<Said<T>>) -> Option<T> {
        said.as_ref().map(|said| said.value.clone())
    }
    let mut xmpp = Xmpp::new();
    if let Some(server) = value(&wishes.server) {
        xmpp = xmpp.server(server);
    }
    if let Some(port) = value(&wishes.port) {
        xmpp = xmpp.port(port);
    }
    if let Some(direct) = value(&wishes.direct_tls) {
        xmpp = xmpp.direct_tls(direct);
    }
    if let Some(path) = value(&wishes.ca) {
        xmpp = xmpp.ca_file(path);
    }
    if let Some(verify) = value(&wishes.verify) {
        xmpp = xmpp.insecure(verify != Verify::Yes);
    }
    if let Some(register) = value(&wishes.register) {
        xmpp = xmpp.register(register);
    }
    if let Some(path) = value(&wishes.credentials) {
        xmpp = xmpp.credentials_file(path);
    }
    if let Some(domain) = value(&wishes.component) {
        xmpp = xmpp.component(domain);
    }
    if let Some(secret) = value(&wishes.secret) {
        xmpp = xmpp.secret_from(source(&secret));
    }
    if let Some(by_server) = value(&wishes.by_server) {
        xmpp = xmpp.route_by_server(by_server);
    }
    if let Some(messages) = value(&wishes.offline_queue) {
        xmpp = xmpp.offline_queue(messages);
    }
    xmpp
}

/// Where it is.
pub(in crate::launch) fn source(password: &Password) -> Source {
    match password {
        Password::File(path) => Source::File(path.clone()),
        Password::Env(name) => Source::Env(name.clone()),
        Password::Jid => Source::Jid,
    }
}

fn wrong<T>(said: &Said<T>, error: &SettingsError) -> Problem {
    said.problem(error.what()).hint(error.remedy())
}

/// Agents may be on servers.
pub(super) fn admit(_: &Who, _: &str, _: &Wishes, _: &mut Problems) {}

/// The way of a domain whose agents are on a server.
pub(super) fn way(
    name: &str,
    domain: &Domain,
    wishes: &Wishes,
    problems: &mut Problems,
) -> Option<Way> {
    let secret = match (&wishes.component, &wishes.secret) {
        (Some(component), None) => {
            let error = SettingsError::NoSecret(component.value.clone());
            Err(wrong(component, &error))
        }
        (None, Some(secret)) => Err(wrong(secret, &SettingsError::NoComponent)),
        _ => Ok(()),
    };
    problems.note(secret)?;
    let mut xmpp = connection(wishes);
    if wishes.component.is_none() {
        for agent in &domain.agents {
            if let Some(password) = &agent.password {
                xmpp = xmpp.password_of(&agent.address, source(password));
            }
        }
    }
    let problem = |error: &SettingsError| domain.first.problem(error.what()).hint(error.remedy());
    let settings = problems.note(xmpp.settings().map_err(|error| problem(&error)))?;
    let addresses = domain.agents.iter().map(|agent| &agent.address);
    match settings.without_password(addresses) {
        Ok(None) => {}
        Ok(Some(agent)) => {
            let place = settings.credentials_path();
            let file = place.map_or_else(
                |_| String::new(),
                |path| {
                    format!(
                        ", a line `{} PASSWORD` in `{}`",
                        agent.bare(),
                        path.display()
                    )
                },
            );
            problems.add(
                domain
                    .who_is(agent)
                    .problem(format!(
                        "there is no password for `{}`, and no accounts are registered on the \
                         server of `{name}`",
                        agent.bare()
                    ))
                    .hint(format!(
                        "give one: `--password-file FILE`, the variable `PEAK_PASSWORD`{file}; \
                         or let it register, with `--register`"
                    )),
            );
        }
        Err(error) => {
            problems.add(problem(&error.into()));
        }
    }
    Some(Way::Xmpp(Box::new(xmpp)))
}
