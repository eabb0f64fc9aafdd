//! The wiring of each agent type, made once and kept.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::Agent;
use super::machine::Machines;
use super::wiring::Wiring;

impl<A: Agent> Wiring<A> {
    /// The wiring of `A`, made once and kept.
    pub(crate) fn of() -> &'static Self {
        type Made = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;
        static MADE: OnceLock<Mutex<Made>> = OnceLock::new();

        let mut made = MADE
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(wiring) = made
            .get(&TypeId::of::<A>())
            .and_then(|any| any.downcast_ref())
        {
            return wiring;
        }
        let mut wiring = Self {
            on_start: None,
            on_stop: None,
            behaviours: Vec::new(),
            handlers: Vec::new(),
            parts: Vec::new(),
            steps: Vec::new(),
            diagrams: Vec::new(),
        };
        A::wiring(&mut wiring);
        let machines = Machines::of(std::mem::take(&mut wiring.steps));
        wiring.behaviours.extend(machines.behaviours());
        wiring.diagrams = machines.diagrams();
        // There are as many as agent types in the program, and they live as long as it does.
        let wiring: &'static Self = Box::leak(Box::new(wiring));
        made.insert(TypeId::of::<A>(), wiring);
        wiring
    }
}
