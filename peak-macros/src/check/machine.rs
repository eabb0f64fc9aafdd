//! The rules of state machines: which functions a state has, and that the machine gets from its
//! beginning to an end through all of its states.

use super::algebra::Set;
use crate::diag::{Diag, listed, nearest};
use crate::model::{Handler, HandlerKind, State, StateFn, Trigger};
use crate::types::tidy;
use std::collections::BTreeSet;
use syn::Type;
use syn::spanned::Spanned;

/// Finds out which functions make up which machine, and reports what is wrong with these. After a
/// mistake they belong to none, and nothing calls them.
pub(crate) fn machines(handlers: &mut [Handler], diag: &mut Diag) {
    let mark = diag.mark();
    let all = all(handlers);
    for Function {
        handler, state_fn, ..
    } in &all
    {
        arguments(handler, state_fn, diag);
    }
    let graph = Graph::of(&all);
    graph.names(diag);
    for state in 0..graph.states.len() {
        graph.functions(state, diag);
    }
    if !diag.clean_since(mark) {
        // What follows from a name that was mistyped is not another mistake.
        return;
    }
    let machines = graph.machines();
    for machine in &machines {
        graph.machine(machine, diag);
    }
    if !diag.clean_since(mark) {
        return;
    }
    let names: Vec<(usize, String)> = graph.machine_names(&machines);
    for (handler, name) in names {
        if let Some(HandlerKind::State(state_fn)) = handlers.get_mut(handler).map(|it| &mut it.kind)
        {
            state_fn.machine = name;
        }
    }
}

/// The functions of states, with their places in the impl.
fn all(handlers: &[Handler]) -> Vec<Function<'_>> {
    let functions = handlers.iter().enumerate();
    functions
        .filter_map(|(place, handler)| match &handler.kind {
            HandlerKind::State(state_fn) => Some(Function {
                place,
                handler,
                state_fn,
            }),
            _ => None,
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Function<'h> {
    place: usize,
    handler: &'h Handler,
    state_fn: &'h StateFn,
}

/// How a function takes its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    Value,
    Shared,
    Exclusive,
}

/// How an argument takes the state, if it is the state.
pub(crate) fn taking(ty: &Type, state: &State) -> Option<Taking> {
    match ty {
        Type::Reference(reference) if tidy(&reference.elem) == state.name => {
            Some(match reference.mutability {
                Some(_) => Taking::Exclusive,
                None => Taking::Shared,
            })
        }
        Type::Group(group) => taking(&group.elem, state),
        _ => (tidy(ty) == state.name).then_some(Taking::Value),
    }
}

fn arguments(handler: &Handler, state_fn: &StateFn, diag: &mut Diag) {
    let state = &state_fn.state;
    let mut taken = handler
        .args
        .iter()
        .filter_map(|arg| Some((arg, taking(&arg.ty, state)?)));
    let Some((first, taking)) = taken.next() else {
        return;
    };
    let stays = state_fn.next.is_empty() && state_fn.end.is_none();
    if stays && taking == Taking::Value {
        let why = match state_fn.trigger {
            Trigger::Enter => "the state is only begun",
            Trigger::Exit => "the state only ends after it",
            _ => "the state goes on after it",
        };
        diag.on(
            &first.ty,
            format_args!("{why}: take `&mut {0}` or `&{0}`", state.name),
        );
    }
    for (second, _) in taken {
        diag.on(&second.ty, "there is one state: take it once");
    }
}

/// All states of an impl, with their functions.
struct Graph<'h> {
    functions: &'h [Function<'h>],
    states: Vec<Node<'h>>,
}

struct Node<'h> {
    state: &'h State,
    /// Places among the functions.
    functions: Vec<usize>,
    /// Places among the states.
    next: BTreeSet<usize>,
}

impl<'h> Graph<'h> {
    fn of(functions: &'h [Function<'h>]) -> Self {
        let mut states: Vec<Node<'h>> = Vec::new();
        for (place, Function { state_fn, .. }) in functions.iter().enumerate() {
            let name = &state_fn.state.name;
            match states.iter_mut().find(|node| node.state.name == *name) {
                Some(node) => node.functions.push(place),
                None => states.push(Node {
                    state: &state_fn.state,
                    functions: vec![place],
                    next: BTreeSet::new(),
                }),
            }
        }
        let mut graph = Self { functions, states };
        for Function { state_fn, .. } in functions {
            let ways: Vec<usize> = state_fn
                .next
                .iter()
                .filter_map(|next| graph.place(next))
                .collect();
            if let Some(from) = graph.place(&state_fn.state) {
                graph.states[from].next.extend(ways);
            }
        }
        graph
    }

    fn place(&self, state: &State) -> Option<usize> {
        self.states
            .iter()
            .position(|node| node.state.name == state.name)
    }

    fn functions_of(&self, state: usize) -> impl Iterator<Item = Function<'h>> {
        self.states[state]
            .functions
            .iter()
            .map(|place| self.functions[*place])
    }

    /// Each state that something leads to has a function.
    fn names(&self, diag: &mut Diag) {
        let known = || self.states.iter().map(|node| node.state.name.as_str());
        for Function { state_fn, .. } in self.functions {
            for next in state_fn
                .next
                .iter()
                .filter(|next| self.place(next).is_none())
            {
                let name = &next.name;
                let remedy = match nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one with `#[behaviour(fsm({name}), …)]`"),
                };
                diag.at(
                    next.ty.span(),
                    format_args!("the state `{name}` has no function: {remedy}"),
                );
            }
        }
    }

    /// The functions of one state go together.
    fn functions(&self, state: usize, diag: &mut Diag) {
        let name = &self.states[state].state.name;
        let mut begin: Option<&Handler> = None;
        let mut waits: Option<&Handler> = None;
        let mut once: [(&str, Option<&Handler>); 3] =
            [("after", None), ("enter", None), ("exit", None)];
        let mut sets: Vec<(&Handler, Set)> = Vec::new();
        for Function {
            handler, state_fn, ..
        } in self.functions_of(state)
        {
            let slot = match &state_fn.trigger {
                Trigger::Begin => {
                    match begin {
                        Some(first) => diag.on(
                            &handler.ident,
                            format_args!("`{}` runs already as soon as `{name}` begins: let this one wait for something, `on(…)` or `after = \"10s\"`", first.ident),
                        ),
                        None => begin = Some(handler),
                    }
                    None
                }
                Trigger::On(template, _) => {
                    waits.get_or_insert(handler);
                    self.reachable(handler, state_fn, template, &mut sets, diag);
                    None
                }
                Trigger::After(_) => {
                    waits.get_or_insert(handler);
                    Some(0)
                }
                Trigger::Enter => Some(1),
                Trigger::Exit => Some(2),
            };
            let Some((word, first)) = slot.map(|slot| &mut once[slot]) else {
                continue;
            };
            match first {
                Some(first) => diag.on(
                    &handler.ident,
                    format_args!("the state `{name}` has a function with `{word}` already, `{}`: do both in one", first.ident),
                ),
                None => *first = Some(handler),
            }
        }
        if let (_, Some(exit)) = once[2] {
            self.left_for_the_last(state, exit, diag);
        }
        match (begin, waits) {
            (Some(begin), Some(waits)) => diag.on(
                &waits.ident,
                format_args!("the state `{name}` does not wait: `{0}` runs as soon as it begins; let `{0}` wait for something, or remove this one", begin.ident),
            ),
            (None, None) => diag.at(
                self.states[state].state.ty.span(),
                format_args!("the state `{name}` has no function that leads on: write one with `#[behaviour(fsm({name}), next(…))]`, or with `end`"),
            ),
            _ => {}
        }
    }

    /// A function with `exit` that looks at the state finds it.
    fn left_for_the_last(&self, state: usize, exit: &Handler, diag: &mut Diag) {
        let of_state = &self.states[state].state;
        let looks = exit
            .args
            .iter()
            .any(|arg| taking(&arg.ty, of_state).is_some());
        for Function { handler, .. } in self.functions_of(state).filter(|_| looks) {
            let taken = handler
                .args
                .iter()
                .find(|arg| taking(&arg.ty, of_state) == Some(Taking::Value));
            if let Some(taken) = taken {
                diag.on(
                    &taken.ty,
                    format_args!(
                        "`{1}` looks at the state after this: take `&mut {0}` or `&{0}`",
                        of_state.name, exit.ident
                    ),
                );
            }
        }
    }

    /// Of several functions that take messages, the first whose template matches gets one.
    fn reachable(
        &self,
        handler: &'h Handler,
        state_fn: &'h StateFn,
        template: &crate::model::template::Template,
        earlier: &mut Vec<(&'h Handler, Set)>,
        diag: &mut Diag,
    ) {
        let Some(set) = Set::of(template) else { return };
        let before: Vec<&Set> = earlier
            .iter()
            .filter(|(other, _)| other.cfg_key.is_empty() || other.cfg_key == handler.cfg_key)
            .map(|(_, set)| set)
            .collect();
        if set.is_covered_by(&before) {
            let names: Vec<String> = earlier
                .iter()
                .map(|(other, _)| other.ident.to_string())
                .collect();
            diag.on(
                &handler.ident,
                format_args!(
                    "no message ever reaches `{}` in the state `{}`: {} above takes all that it would match",
                    handler.ident,
                    state_fn.state.name,
                    listed(&names, "and")
                ),
            );
        }
        earlier.push((handler, set));
    }

    /// The states that hang together.
    fn machines(&self) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = (0..self.states.len()).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for (from, node) in self.states.iter().enumerate() {
                for to in &node.next {
                    let least = group[from].min(group[*to]);
                    changed |= group[from] != least || group[*to] != least;
                    (group[from], group[*to]) = (least, least);
                }
            }
        }
        let mut machines: Vec<Vec<usize>> = Vec::new();
        for first in 0..self.states.len() {
            let members: Vec<usize> = (0..self.states.len())
                .filter(|state| group[*state] == first)
                .collect();
            if !members.is_empty() {
                machines.push(members);
            }
        }
        machines
    }

    fn initials<'g>(
        &'g self,
        machine: &'g [usize],
    ) -> impl Iterator<Item = (usize, &'h StateFn)> + 'g {
        machine.iter().flat_map(|state| {
            let functions = self.functions_of(*state);
            functions
                .filter(|it| it.state_fn.initial.is_some())
                .map(|it| (*state, it.state_fn))
        })
    }

    /// One initial state, from which all others are reached, and from each of them an end.
    fn machine(&self, machine: &[usize], diag: &mut Diag) {
        let mut initials = self.initials(machine);
        let Some((first, first_fn)) = initials.next() else {
            let state = self.states[machine[0]].state;
            diag.at(
                state.ty.span(),
                format_args!("no state is initial: write `initial` at the one that the machine begins in, `#[behaviour(fsm({}), initial, …)]`", state.name),
            );
            return;
        };
        for (second, second_fn) in initials {
            let span = second_fn
                .initial
                .as_ref()
                .map_or_else(|| second_fn.state.ty.span(), |initial| initial.span);
            if second == first {
                diag.at(
                    span,
                    format_args!("`{}` is initial already: say so once", first_fn.state.name),
                );
            } else {
                diag.at(
                    span,
                    format_args!("a machine begins in one state, and `{}` is initial already; machines that share no state are apart", first_fn.state.name),
                );
            }
        }
        let reached = self.from(first);
        for state in machine.iter().filter(|state| !reached.contains(state)) {
            let state = self.states[*state].state;
            diag.at(
                state.ty.span(),
                format_args!("the state `{0}` is never reached from `{1}`: name it in the `next(…)` of a state that is, or remove it", state.name, first_fn.state.name),
            );
        }
        if !first_fn.endless {
            self.ends(machine, diag);
        }
    }

    fn ends(&self, machine: &[usize], diag: &mut Diag) {
        let ends = |state: usize| self.functions_of(state).any(|it| it.state_fn.end.is_some());
        for state in machine {
            if self.from(*state).into_iter().any(ends) {
                continue;
            }
            let state = self.states[*state].state;
            diag.at(
                state.ty.span(),
                format_args!("from the state `{}` no end is reached: lead it to a state with `end`; if the machine goes on for ever, write `endless` beside `initial`", state.name),
            );
        }
    }

    /// All states that are reached from this one, itself too.
    fn from(&self, state: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::from([state]);
        let mut open = vec![state];
        while let Some(state) = open.pop() {
            for next in &self.states[state].next {
                if reached.insert(*next) {
                    open.push(*next);
                }
            }
        }
        reached
    }

    /// For each function, by its name in the impl, the machine that it belongs to: that has the name
    /// of the function in which it begins.
    fn machine_names(&self, machines: &[Vec<usize>]) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        for machine in machines {
            let functions = || machine.iter().flat_map(|state| self.functions_of(*state));
            let initial = functions().find(|it| it.state_fn.initial.is_some());
            let Some(initial) = initial.or_else(|| functions().next()) else {
                continue;
            };
            for function in functions() {
                names.push((function.place, initial.handler.name.clone()));
            }
        }
        names
    }
}
