//! Starting the agents of a plan, and what becomes of them.

use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::logs;
use super::plan::{Plan, counted};
use super::problem::{self, Exit, Problem, Problems};
use super::progress;
use super::show::{Reader, Show};
use super::signals::{self, Stopping};
use super::starting::start;
use super::terminal::has_colours;
use super::xmpp::Way;
use crate::agent::SpawnError;
use crate::platform::{Platform, block_on};

/// A run of a plan, as it is seen from every thread.
#[derive(Debug)]
struct Run {
    plan: Arc<Plan>,
    /// What the user sees besides the log, if that is wanted.
    show: Option<Arc<Show>>,
    begin: Instant,
    /// Set as soon as there is a runtime to make it on.
    platform: OnceLock<Platform>,
}

/// Runs the agents until they have all ended; `shows` to whom they come up before their eyes,
/// and what they did is told.
pub(super) fn run(plan: Plan, seed: Option<u64>, shows: Option<Reader>) -> Exit {
    let plan = Arc::new(plan);
    let run = Arc::new(Run {
        show: shows.map(|reader| Show::new(Arc::clone(&plan), reader)),
        plan,
        begin: Instant::now(),
        platform: OnceLock::new(),
    });
    let interrupts = signals::interrupts(run.clone());
    let ran = block_on(async { std::io::Result::Ok(run_all(&run, seed, interrupts).await) });
    ran.unwrap_or_else(|error| {
        let what = format!("the operating system gives no threads: {error}");
        problem::print(&Problem::new(what).into());
        Exit::Failure
    })
}

async fn run_all(run: &Run, seed: Option<u64>, mut interrupts: watch::Receiver<u32>) -> Exit {
    let platform = run.platform.get_or_init(|| platform(&run.plan, seed));
    tracing::debug!("the seed of this run is {}", platform.seed());
    if let Some(show) = &run.show {
        platform.watch(Arc::clone(show) as _);
    }
    let mut starting = pin!(start(&run.plan, platform, run.show.as_ref()));
    let mut is_over = false;
    let started = tokio::select! {
        started = &mut starting => started,
        // The thread that listens may be missing: then nothing comes, ever.
        () = interrupted(&mut interrupts) => {
            run.start_is_over();
            is_over = true;
            match stop_start(starting, platform).await {
                // All were there: it only had not been heard of yet.
                Some(Ok(())) => Ok(()),
                _ => {
                    problem::print(&Problem::new("interrupted before all agents had started").into());
                    return Exit::Interrupted;
                }
            }
        }
    };
    run.start_is_over();
    if started.is_err() {
        platform.stop().await;
    } else if !is_over {
        let count = run.plan.agents.len() as u64;
        tracing::debug!("{} started", counted(count, "agent"));
        tokio::select! {
            () = platform.ended() => {}
            () = interrupted(&mut interrupts) => {
                tracing::info!("stopping {}", counted(platform.agents() as u64, "agent"));
                platform.stop().await;
            }
        }
    }
    if platform.agents() > 0 {
        // One that was ended by force is gone as soon as it lets go of its thread.
        tokio::time::sleep(LAST_MOMENT).await;
    }
    run.conclude(platform, started.as_ref().err())
}

/// Stops the platform while agents are starting; what the start came to, if it came to something.
async fn stop_start<T>(
    mut starting: Pin<&mut impl Future<Output = T>>,
    platform: &Platform,
) -> Option<T> {
    let mut stop = pin!(platform.stop());
    tokio::select! {
        biased;
        started = &mut starting => {
            stop.await;
            Some(started)
        }
        () = &mut stop => None,
    }
}

/// How long agents that were ended by force have to be gone.
const LAST_MOMENT: Duration = Duration::from_millis(100);

async fn interrupted(interrupts: &mut watch::Receiver<u32>) {
    if interrupts.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn platform(plan: &Plan, seed: Option<u64>) -> Platform {
    let mut builder = Platform::builder();
    for (domain, way) in &plan.ways {
        builder = match way {
            Way::Inside => builder.domain(domain),
            #[cfg(feature = "xmpp")]
            Way::Xmpp(xmpp) => builder.xmpp_for(domain, (**xmpp).clone()),
        };
    }
    if let Some(seed) = seed {
        builder = builder.seed(seed);
    }
    let platform = builder.build();
    platform.tell_of_newcomers(logs::know);
    platform
}

/// How many agents are named before the rest is only counted.
const NAMED: usize = 5;

impl Stopping for Run {
    fn tell_who_is_left(&self) {
        let Some(platform) = self.platform.get() else {
            return;
        };
        let count = platform.agents();
        let mut names = platform.alive(NAMED);
        match count.saturating_sub(names.len()) {
            0 => {}
            more => names.push(format!("{more} more")),
        }
        let names = names.join(", ");
        tracing::warn!("still stopping {names}: press Ctrl-C again to end at once");
    }

    fn tell_summary(&self) {
        let Some(platform) = self.platform.get() else {
            return;
        };
        let report = platform.report();
        let left = platform.agents() as u64;
        if report.ended + left == 0 {
            // What kept them from starting is told, and there is no more to it.
            return;
        }
        let agents = match left {
            0 => counted(report.ended, "agent"),
            _ => format!(
                "{} of {}",
                report.ended,
                counted(report.ended + left, "agent")
            ),
        };
        if let Some(show) = &self.show {
            progress::write(&show.table(platform, has_colours(&std::io::stderr())));
        }
        tracing::info!(
            "{agents} ended, {}, {:.1} s",
            counted(report.sent, "message"),
            self.begin.elapsed().as_secs_f64()
        );
    }
}

impl Run {
    fn start_is_over(&self) {
        if let Some(show) = &self.show {
            show.start_is_over();
        }
    }

    /// Says what went wrong, and how it all was.
    fn conclude(&self, platform: &Platform, start: Option<&SpawnError>) -> Exit {
        let report = platform.report();
        let mut problems = Problems::default();
        if let Some(error) = start {
            problems.add(Problem::new(format!("not started: {error}")));
        }
        for failure in &report.failures {
            // The reason why it did not start is told already.
            if !matches!(start, Some(SpawnError::OnStart { jid, .. }) if *jid == failure.agent) {
                problems.add(Problem::new(failure.to_string()));
            }
        }
        let untold = report.failure_count - report.failures.len() as u64;
        if untold > 0 {
            let untold = counted(untold, "more failure");
            problems.add(Problem::new(format!("and {untold}")));
        }
        let left = platform.agents() as u64;
        if left > 0 {
            let left = counted(left, "agent");
            problems.add(
                Problem::new(format!(
                    "{left} did not stop, and the program ends without waiting"
                ))
                .hint(signals::WHERE_TO_BLOCK),
            );
        }
        problem::print(&problems);
        problems.each().for_each(logs::keep);
        self.tell_summary();
        if problems.is_empty() && report.is_success() {
            Exit::Success
        } else {
            Exit::Failure
        }
    }
}
