//! The key `after`: whom an agent waits for before it starts, and the order that follows.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::node::{Node, Yaml};
use super::values::{At, text, wrong};
use crate::problem::{Problem, Problems};
use crate::text;

/// The names behind a key `after`: one, or a list of them.
pub fn names<'a>(node: &'a Node, problems: &mut Problems) -> Option<Vec<At<&'a str>>> {
    const WANTED: &str = "the name of an agent, or a list of names";
    match &node.yaml {
        Yaml::List(nodes) => {
            let names = nodes.iter().map(|node| problems.note(text(node, WANTED)));
            // To the end: every mistake is told.
            let names: Vec<_> = names.collect();
            names.into_iter().collect()
        }
        Yaml::Null => {
            problems.add(wrong(node, WANTED).hint("`after: []` waits for nobody"));
            None
        }
        _ => problems.note(text(node, WANTED)).map(|name| vec![name]),
    }
}

/// An agent of the file, in its order.
#[derive(Debug, Clone)]
pub struct Waiting<'a> {
    pub name: &'a str,
    /// Whom it waits for, if it says so.
    pub after: Option<Vec<At<&'a str>>>,
}

/// The order in which they start, and for each of them, in this order, the places of those that it
/// waits for: `None` for all before it. The order is that of the file, but that whoever waits for
/// agents below moves down behind them.
pub fn order(
    agents: &[Waiting<'_>],
    problems: &mut Problems,
) -> Option<Vec<(usize, Option<Vec<usize>>)>> {
    let needs = needs(agents, problems)?;
    let order = sorted(&needs);
    if order.len() < agents.len() {
        problems.add(circle(agents, &needs, &order));
        return None;
    }
    let mut places = vec![0; agents.len()];
    for (place, number) in order.iter().enumerate() {
        places[*number] = place;
    }
    let place = |number: &usize| places[*number];
    let entry = |number: usize| {
        let needs = needs[number].as_ref();
        (number, needs.map(|needs| needs.iter().map(place).collect()))
    };
    Some(order.into_iter().map(entry).collect())
}

/// The numbers of those that each of them names.
fn needs(agents: &[Waiting<'_>], problems: &mut Problems) -> Option<Vec<Option<Vec<usize>>>> {
    let numbers: HashMap<&str, usize> = agents.iter().map(|agent| agent.name).zip(0..).collect();
    let mut all_known = true;
    let mut needs = Vec::with_capacity(agents.len());
    for (number, agent) in agents.iter().enumerate() {
        let names = agent.after.as_ref();
        needs.push(names.map(|names| {
            let mut found = Vec::with_capacity(names.len());
            for name in names {
                match numbers.get(name.value) {
                    Some(other) if *other == number => {
                        all_known = false;
                        let what = format!("agent `{}` waits for itself", agent.name);
                        problems.add(Problem::at(name.place, what).hint("leave that out"));
                    }
                    Some(other) => found.push(*other),
                    None => {
                        all_known = false;
                        problems.add(unknown(*name, agents));
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            found
        }));
    }
    all_known.then_some(needs)
}

fn unknown(name: At<&str>, agents: &[Waiting<'_>]) -> Problem {
    let what = format!("there is no agent `{}` in this file", name.value);
    let problem = Problem::at(name.place, what);
    let names = || agents.iter().map(|agent| agent.name);
    // `shop0` is a clone of `shop`, and `shop@localhost` its address.
    let local = name.value.split('@').next().unwrap_or_default();
    let entry = local.trim_end_matches(|char: char| char.is_ascii_digit());
    let near = names()
        .find(|other| *other == local || *other == entry)
        .or_else(|| text::nearest(name.value, names()));
    match near {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint("name an agent as it is called below `agents:`"),
    }
}

/// Those that can start, the first in the file first; without those in a circle, and behind one.
fn sorted(needs: &[Option<Vec<usize>>]) -> Vec<usize> {
    let needs_of = |number: usize| needs[number].as_deref().unwrap_or_default();
    let mut open: Vec<usize> = (0..needs.len())
        .map(|number| needs_of(number).len())
        .collect();
    let mut wanted_by = vec![Vec::new(); needs.len()];
    for number in 0..needs.len() {
        for other in needs_of(number) {
            wanted_by[*other].push(number);
        }
    }
    let free = (0..needs.len()).filter(|number| open[*number] == 0);
    let mut free: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(number)) = free.pop() {
        order.push(number);
        for other in &wanted_by[number] {
            open[*other] -= 1;
            if open[*other] == 0 {
                free.push(Reverse(*other));
            }
        }
    }
    order
}

/// What is wrong if not all of them are in the `order`.
fn circle(agents: &[Waiting<'_>], needs: &[Option<Vec<usize>>], order: &[usize]) -> Problem {
    let mut is_sorted = vec![false; agents.len()];
    for number in order {
        is_sorted[*number] = true;
    }
    let next = |number: usize| {
        let needs = needs[number].as_deref().unwrap_or_default();
        needs.iter().copied().find(|other| !is_sorted[*other])
    };
    // Each of those left waits for one of them, so whoever follows that comes round.
    let mut path: Vec<usize> = Vec::new();
    let mut place_in_path = vec![None; agents.len()];
    let mut number = is_sorted.iter().position(|sorted| !sorted).unwrap_or(0);
    while place_in_path[number].is_none() {
        place_in_path[number] = Some(path.len());
        path.push(number);
        number = next(number).unwrap_or(number);
    }
    let mut circle = path.split_off(place_in_path[number].unwrap_or(0));
    let first = circle.iter().min().copied();
    let first = circle.iter().position(|number| Some(*number) == first);
    circle.rotate_left(first.unwrap_or(0));
    let names = circle
        .iter()
        .chain(circle.first())
        .map(|number| agents[*number].name);
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > NAMED {
        let last = names.len() - 1;
        names.splice(NAMED - 1..last, ["…".to_owned()]);
    }
    let what = format!(
        "agents wait for each other, and none of them can start: {}",
        names.join(" after ")
    );
    let waits = circle
        .first()
        .and_then(|number| agents[*number].after.as_ref());
    let second = circle.get(1).map(|number| agents[*number].name);
    let mut waits = waits.into_iter().flatten();
    let problem = match waits.find(|name| Some(name.value) == second) {
        Some(name) => Problem::at(name.place, what),
        None => Problem::new(what),
    };
    problem.hint("take one of them out of `after`")
}

/// How many agents of a circle are named.
const NAMED: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Place;
    use proptest::prelude::*;

    /// `a<b,c` waits for b and c; `a<` for nobody; `a` says nothing.
    fn agents(line: &str) -> Vec<Waiting<'_>> {
        let at = |value| At {
            place: Place { line: 1, column: 1 },
            value,
        };
        let words = line.split(' ');
        words
            .map(|word| match word.split_once('<') {
                None => Waiting {
                    name: word,
                    after: None,
                },
                Some((name, others)) => Waiting {
                    name,
                    after: Some(
                        others
                            .split(',')
                            .filter(|other| !other.is_empty())
                            .map(at)
                            .collect(),
                    ),
                },
            })
            .collect()
    }

    fn order_of(line: &str) -> Result<String, String> {
        let agents = agents(line);
        let mut problems = Problems::default();
        let order = order(&agents, &mut problems).ok_or_else(|| problems.to_string())?;
        let names: Vec<_> = order
            .iter()
            .map(|(number, _)| agents[*number].name)
            .collect();
        Ok(names.join(" "))
    }

    #[test]
    fn the_order_is_that_of_the_file_as_far_as_can_be() {
        for (line, order) in [
            ("c b a", "c b a"),
            ("a<c b c d", "b c a d"),
            ("a b<a c<a d", "a b c d"),
            ("a b< c<", "a b c"),
            ("a<b,c,b b<c c", "c b a"),
        ] {
            assert_eq!(order_of(line), Ok(order.to_owned()), "{line}");
        }
    }

    #[test]
    fn whom_they_wait_for_are_places_in_that_order() {
        let agents = agents("a<c b c");
        let order = order(&agents, &mut Problems::default()).unwrap();
        assert_eq!(order, [(1, None), (2, None), (0, Some(vec![1]))]);
    }

    #[test]
    fn circles_and_unknown_names_are_refused() {
        for (line, words) in [
            ("a<a", "agent `a` waits for itself"),
            (
                "z<a a<b b<c c<a",
                "none of them can start: `a` after `b` after `c` after `a`\n\
                 hint: take one of them out of `after`",
            ),
            (
                "shop b<shpo",
                "no agent `shpo` in this file\nhint: did you mean `shop`?",
            ),
            ("shop b<shop3", "did you mean `shop`?"),
            ("shop b<shop@localhost", "did you mean `shop`?"),
            (
                "shop b<elsewhere",
                "hint: name an agent as it is called below",
            ),
        ] {
            let error = order_of(line).unwrap_err();
            assert!(error.contains(words), "{line}: {error}");
        }
    }

    proptest! {
        #[test]
        fn everybody_comes_behind_whom_they_wait_for(
            needs in proptest::collection::vec(
                proptest::option::of(proptest::collection::vec(0..12_usize, 0..4)), 1..12,
            )
        ) {
            let names: Vec<String> = (0..needs.len()).map(|number| number.to_string()).collect();
            let place = Place { line: 1, column: 1 };
            let agents: Vec<Waiting<'_>> = needs.iter().enumerate().map(|(number, needs)| Waiting {
                name: &names[number],
                after: needs.as_ref().map(|needs| needs.iter()
                    .filter(|other| **other < names.len())
                    .map(|other| At { place, value: names[*other].as_str() })
                    .collect()),
            }).collect();
            let mut problems = Problems::default();
            match order(&agents, &mut problems) {
                None => prop_assert!(!problems.is_empty()),
                Some(order) => {
                    prop_assert_eq!(order.len(), agents.len());
                    for (place, (_, needs)) in order.iter().enumerate() {
                        let needs = needs.iter().flatten();
                        prop_assert!(needs.copied().all(|other| other < place));
                    }
                    // Those that say nothing keep their order.
                    let silent = order.iter().filter(|(_, needs)| needs.is_none());
                    prop_assert!(silent.map(|(number, _)| number).is_sorted());
                }
            }
        }
    }
}
