//! A platform: the agents of a process, their network and their clock.

#[cfg(feature = "xmpp")]
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::agent::{
    Agent, AgentHandle, AgentType, Limits, ParamValues, Report, Services, SpawnError,
};
use crate::message::{IntoJid, Jid};
#[cfg(feature = "xmpp")]
use crate::network::xmpp::{Xmpp, XmppNetwork};
use crate::network::{Embedded, Network};
use crate::time::Clock;

/// The agents of a process, and what they share. A clone is the same platform.
///
/// `peak::run()` makes one of its own; a program that does without the command line makes it here.
///
/// ```
/// use peak::prelude::*;
///
/// #[agent]
/// struct Hello;
///
/// #[agent]
/// impl Hello {
///     #[behaviour(one_shot)]
///     async fn greet(ctx: Context<Self>) {
///         println!("hello from {}", ctx.jid());
///         ctx.stop();
///     }
/// }
///
/// fn main() -> peak::Result<()> {
///     peak::block_on(async {
///         let platform = Platform::new();
///         platform.spawn("hello@localhost", Hello).await?;
///         let report = platform.run().await;
///         assert!(report.is_success());
///         Ok(())
///     })
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Platform {
    services: Arc<Services>,
}

/// How a platform shall be.
#[derive(Debug, Clone)]
#[must_use]
pub struct PlatformBuilder {
    /// Those that the embedded network shall serve.
    domains: Vec<String>,
    /// How every other domain is reached.
    #[cfg(feature = "xmpp")]
    xmpp: Option<Xmpp>,
    /// How single domains are reached.
    #[cfg(feature = "xmpp")]
    xmpp_domains: BTreeMap<String, Xmpp>,
    seed: Option<u64>,
    limits: Limits,
}

impl Default for PlatformBuilder {
    fn default() -> Self {
        Self {
            domains: Vec::new(),
            #[cfg(feature = "xmpp")]
            xmpp: None,
            #[cfg(feature = "xmpp")]
            xmpp_domains: BTreeMap::new(),
            seed: None,
            limits: Limits {
                mailbox: 1024,
                concurrent: 1024,
                send: Duration::from_secs(5),
                stop: Duration::from_secs(2),
            },
        }
    }
}

impl PlatformBuilder {
    /// One more domain of the network inside the process, beside `localhost`.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        let domain = as_in_addresses(domain.into());
        #[cfg(feature = "xmpp")]
        self.xmpp_domains.remove(&domain);
        if !self.domains.contains(&domain) {
            self.domains.push(domain);
        }
        self
    }

    /// Every agent is on an XMPP server, reached like this: those at `localhost` too, and all but
    /// those of a [`domain`](PlatformBuilder::domain) that is inside the process.
    #[cfg(feature = "xmpp")]
    pub fn xmpp(mut self, xmpp: Xmpp) -> Self {
        self.xmpp = Some(xmpp);
        self
    }

    /// Agents of this domain are on an XMPP server, reached like this.
    #[cfg(feature = "xmpp")]
    pub fn xmpp_for(mut self, domain: impl Into<String>, xmpp: Xmpp) -> Self {
        let domain = as_in_addresses(domain.into());
        self.domains.retain(|inside| *inside != domain);
        self.xmpp_domains.insert(domain, xmpp);
        self
    }

    /// What all random numbers come from. Without a seed every run draws others.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many messages wait for one agent, and in each mailbox of a behaviour, before senders
    /// have to wait; 1024 unless set, and at least 1. An agent takes all that waits for it at once,
    /// so as many again may be in its hands.
    pub fn mailbox(mut self, messages: usize) -> Self {
        self.limits.mailbox = messages.max(1);
        self
    }

    /// How many messages one agent handles at the same time in functions without `self` before the
    /// next one waits; 1024 unless set, and at least 1.
    pub fn concurrent(mut self, tasks: usize) -> Self {
        self.limits.concurrent = tasks.max(1);
        self
    }

    /// How long a sender waits for room in a full mailbox; 5 seconds unless set.
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.limits.send = timeout;
        self
    }

    /// How long a handler may go on after its agent was told to stop, and how long each `on_stop`
    /// may take; 2 seconds unless set.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.limits.stop = timeout;
        self
    }

    /// The platform.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime: the clock of a platform is tokio's.
    pub fn build(self) -> Platform {
        #[cfg(feature = "xmpp")]
        for xmpp in self.xmpp.iter().chain(self.xmpp_domains.values()) {
            if let Some(caution) = xmpp.caution() {
                tracing::warn!("{caution}");
            }
        }
        let embedded = Embedded::new(self.inside(), self.limits.send);
        #[cfg(feature = "xmpp")]
        let network: Arc<dyn Network> = {
            let default = self.xmpp.unwrap_or_default();
            Arc::new(XmppNetwork::new(embedded, default, self.xmpp_domains))
        };
        #[cfg(not(feature = "xmpp"))]
        let network: Arc<dyn Network> = Arc::new(embedded);
        let clock = Clock::starting_at(SystemTime::now());
        Platform {
            services: Arc::new(Services::new(network, clock, self.limits, self.seed)),
        }
    }

    /// The domains of the network inside the process: `localhost` too, unless that is on a server.
    fn inside(&self) -> Vec<String> {
        #[cfg(feature = "xmpp")]
        let localhost = self.xmpp.is_none() && !self.xmpp_domains.contains_key(LOCALHOST);
        #[cfg(not(feature = "xmpp"))]
        let localhost = true;
        let others = self.domains.iter().filter(|domain| *domain != LOCALHOST);
        let said = self.domains.iter().any(|domain| domain == LOCALHOST);
        let localhost = (localhost || said).then(|| LOCALHOST.to_owned());
        localhost.into_iter().chain(others.cloned()).collect()
    }
}

/// The domain of the network inside the process.
const LOCALHOST: &str = "localhost";

/// A domain as addresses have it; what is none is named when an agent asks for it.
fn as_in_addresses(domain: String) -> String {
    domain
        .parse::<Jid>()
        .map_or(domain, |jid| jid.domain().to_owned())
}

impl Default for Platform {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform {
    /// A platform on the embedded network, for the domain `localhost`.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, see [`PlatformBuilder::build`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A platform with settings of your own.
    pub fn builder() -> PlatformBuilder {
        PlatformBuilder::default()
    }

    /// Starts an agent. It is reachable, and its `on_start` is done, when this returns.
    ///
    /// A bare address gets the resource `main`.
    ///
    /// # Errors
    ///
    /// If the address is malformed or taken, its domain is not served here, or `on_start` fails.
    pub async fn spawn<A: Agent>(
        &self,
        jid: impl IntoJid,
        agent: A,
    ) -> Result<AgentHandle<A>, SpawnError> {
        crate::agent::spawn(&self.services, jid.into_jid()?, agent).await
    }

    /// Starts an agent of a registered type.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Platform::spawn), and if a parameter is missing or wrong.
    pub async fn spawn_type(
        &self,
        agent_type: &AgentType,
        jid: impl IntoJid,
        params: &ParamValues,
    ) -> Result<Jid, SpawnError> {
        agent_type
            .spawn(&self.services, jid.into_jid()?, params)
            .await
    }

    /// How many agents are alive.
    pub fn agents(&self) -> usize {
        self.services.roster.alive()
    }

    /// The seed that all random numbers come from.
    pub fn seed(&self) -> u64 {
        self.services.seed
    }

    /// Waits until every agent has ended. Ctrl-C stops them all in order, the latest first.
    pub async fn run(&self) -> Report {
        tokio::select! {
            () = self.services.roster.empty() => {}
            () = interrupted() => {
                tracing::info!(agents = self.agents(), "stopping");
                self.stop().await;
            }
        }
        self.settled().await;
        self.report()
    }

    /// Waits until what the agents have sent is on its way, for as long as a stop may take.
    pub(crate) async fn settled(&self) {
        let settled = self.services.network.settled();
        let patience = self.services.limits.stop;
        if tokio::time::timeout(patience, settled).await.is_err() {
            tracing::warn!("the program ends before all messages were handed over");
        }
    }

    /// Has every agent that starts from now on told to this function, before it runs.
    #[cfg(feature = "cli")]
    pub(crate) fn tell_of_newcomers(&self, tell: fn(&Jid)) {
        self.services.roster.tell_of_newcomers(tell);
    }

    /// The addresses of the first few agents that are alive, the latest first.
    #[cfg(feature = "cli")]
    pub(crate) fn alive(&self, few: usize) -> Vec<String> {
        let agents = self.services.roster.latest_first();
        let few = agents.iter().take(few);
        few.map(|agent| agent.jid().to_string()).collect()
    }

    /// Has this one told of each agent that ends.
    #[cfg(feature = "cli")]
    pub(crate) fn watch(&self, watch: Arc<dyn crate::agent::Watch>) {
        self.services.roster.set_watch(watch);
    }

    /// What each agent that is alive did so far.
    #[cfg(feature = "cli")]
    pub(crate) fn counts(&self) -> Vec<(Jid, crate::agent::Counts)> {
        let agents = self.services.roster.latest_first();
        let counts = agents
            .iter()
            .map(|agent| (agent.jid().clone(), agent.counts()));
        counts.collect()
    }

    /// Waits until every agent has ended, however long it takes.
    #[cfg(feature = "cli")]
    pub(crate) async fn ended(&self) {
        self.services.roster.empty().await;
        self.settled().await;
    }

    /// Stops all agents, the latest first, each with its `on_stop`, and waits until they have
    /// ended. One that does not end in time is ended as it is.
    pub async fn stop(&self) {
        let services = &self.services;
        services.set_stopping(true);
        // Everything an agent may take its time for, and a second to get round to it.
        let patience = services
            .limits
            .stop
            .saturating_mul(3)
            .saturating_add(Duration::from_secs(1));
        let in_order = async {
            while services.roster.alive() > 0 {
                for agent in services.roster.latest_first() {
                    agent.stop();
                    agent.ended().await;
                }
            }
        };
        if tokio::time::timeout(patience, in_order).await.is_err() {
            let late = services.roster.latest_first();
            late.iter().for_each(|agent| agent.stop());
            let all = services.roster.empty();
            if tokio::time::timeout(patience, all).await.is_err() {
                let left = services.roster.latest_first();
                left.iter().for_each(|agent| agent.abort());
            }
        }
        self.settled().await;
        services.set_stopping(false);
    }

    /// What has become of the agents so far.
    pub fn report(&self) -> Report {
        self.services.roster.report()
    }
}

/// Runs a future, and the agents it starts, on a runtime with a worker for each core.
///
/// # Errors
///
/// If the operating system gives no threads; else what the future returns.
pub fn block_on<T, E: From<std::io::Error>>(
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(future);
    // Code that blocks its thread, in an agent that was told to stop, must not keep the program.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

/// Ctrl-C, or whatever else asks a process to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals can be had: agents end by themselves.
        std::future::pending::<()>().await;
    }
}

#[cfg(all(test, feature = "xmpp"))]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_inside_or_on_a_server() {
        let xmpp = Xmpp::new;
        let inside = |builder: PlatformBuilder| builder.inside().join(" ");
        assert_eq!(inside(Platform::builder()), "localhost");
        assert_eq!(inside(Platform::builder().domain("A.b")), "localhost a.b");
        assert_eq!(inside(Platform::builder().xmpp(xmpp())), "");
        assert_eq!(
            inside(Platform::builder().xmpp(xmpp()).domain("localhost")),
            "localhost"
        );
        assert_eq!(
            inside(Platform::builder().domain("a.b").xmpp_for("A.b", xmpp())),
            "localhost"
        );
        assert_eq!(
            inside(Platform::builder().xmpp_for("a.b", xmpp()).domain("a.b")),
            "localhost a.b"
        );
        assert_eq!(
            inside(Platform::builder().xmpp_for("localhost", xmpp())),
            ""
        );
    }
}
