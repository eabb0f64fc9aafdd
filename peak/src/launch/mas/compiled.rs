//! What the compiler checks of a deployment file that is part of a program: its agents against their
//! types. `mas!` calls these functions in constants, so that a panic is an error of compilation, which
//! stands on the macro and has the place in the file in its text.

use crate::agent::{Agent, AgentStruct, ParamKind, ParamSpec};

/// A parameter in the file.
#[derive(Debug)]
pub struct Given {
    pub name: &'static str,
    /// File, line and column of its name.
    pub key_place: &'static str,
    /// The same of its value.
    pub place: &'static str,
    pub value: Value,
    /// The value in words.
    pub found: &'static str,
}

/// The value of a parameter, as far as it can be looked at without its type.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// It is known when the program starts.
    Open,
    Null,
    Bool,
    Whole(i128),
    /// A number with a point or an exponent.
    Real,
    /// Text, and why it is none of these.
    Text {
        jid: Option<&'static str>,
        duration: Option<&'static str>,
        char: Option<&'static str>,
    },
    List,
    Map,
}

/// What there is to know of a type.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    name: &'static str,
    params: &'static [ParamSpec],
}

/// The type of an agent, which the file calls what it is called.
#[track_caller]
pub const fn of<A: Agent>(place: &str, written: &str) -> Of {
    let name = <A as AgentStruct>::NAME;
    if !is_same(name, written) {
        let words = Words::new().and(place).and(": `").and(written);
        let words = words.and("` is called `").and(name);
        words.and("` in deployment files").fail();
    }
    Of {
        name,
        params: params::<A>(),
    }
}

/// Checks that an agent has all parameters that it must have; `given` are their names.
#[track_caller]
pub const fn required(of: Of, place: &str, agent: &str, given: &[&str]) {
    let mut number = 0;
    while number < of.params.len() {
        let spec = &of.params[number];
        if spec.default.is_none() && !is_among(spec.name, given) {
            let words = Words::new().and(place).and(": agent `").and(agent);
            let words = words.and("` has no parameter `").and(spec.name);
            let words = words.and("` (").and(spec.ty).and("), which ").and(of.name);
            let words = words.and(" must have: write `").and(spec.name);
            words.and(": VALUE` below `params:`").fail();
        }
        number += 1;
    }
}

/// Checks a parameter of an agent.
#[track_caller]
pub const fn param(of: Of, given: &Given) {
    match find(given.name, of.params) {
        Some(spec) => value(of.name, spec, given),
        None => {
            let words = Words::new().and(given.key_place).and(": ").and(of.name);
            let words = words.and(" has no parameter `").and(given.name);
            words.and("`").list(of.params).fail();
        }
    }
}

/// Checks a parameter that `defaults` gives to all agents that have it.
#[track_caller]
pub const fn shared_param(of: Of, given: &Given) {
    if let Some(spec) = find(given.name, of.params) {
        value(of.name, spec, given);
    }
}

/// The parameters of an agent type.
pub const fn params<A: Agent>() -> &'static [ParamSpec] {
    <A as AgentStruct>::PARAMS
}

/// Checks that one of these has the parameter that `defaults` gives.
#[track_caller]
pub const fn is_of_some(types: &[&'static [ParamSpec]], given: &Given) {
    let mut number = 0;
    while number < types.len() {
        if find(given.name, types[number]).is_some() {
            return;
        }
        number += 1;
    }
    let words = Words::new().and(given.key_place);
    let words = words.and(": no agent of this file has a parameter `");
    words.and(given.name).and("`").fail();
}

#[track_caller]
const fn value(agent: &str, spec: &ParamSpec, given: &Given) {
    let Err(why) = fits(&spec.kind, &given.value) else {
        return;
    };
    let words = Words::new().and(given.place).and(": parameter of ");
    let words = words.and(agent).and(": `").and(spec.name);
    let words = words.and("`: expected ").and(spec.ty).and(", found ");
    let words = words.and(given.found);
    match why {
        Some(why) => words.and(": ").and(why).fail(),
        None => words.fail(),
    }
}

/// Whether the value is of this kind; the error may say why it is not.
const fn fits(kind: &ParamKind, value: &Value) -> Result<(), Option<&'static str>> {
    const QUOTES: Option<&str> = Some("text that looks like something else goes in quotes");
    match (kind, value) {
        (ParamKind::Any, _) | (_, Value::Open) => Ok(()),
        (ParamKind::Optional(_), Value::Null) => Ok(()),
        (ParamKind::Optional(kind), value) => fits(kind, value),
        (ParamKind::Bool, Value::Bool)
        | (ParamKind::Number, Value::Whole(_) | Value::Real)
        | (ParamKind::Text, Value::Text { .. })
        | (ParamKind::List, Value::List)
        | (ParamKind::Map, Value::Map) => Ok(()),
        (ParamKind::Whole(least, most), Value::Whole(number)) => {
            if *number < *least || *number > *most {
                Err(Some("it is out of bounds"))
            } else {
                Ok(())
            }
        }
        (ParamKind::Jid, Value::Text { jid: why, .. })
        | (ParamKind::Duration, Value::Text { duration: why, .. })
        | (ParamKind::Char, Value::Text { char: why, .. }) => match why {
            None => Ok(()),
            Some(_) => Err(*why),
        },
        (ParamKind::Duration, Value::Whole(_) | Value::Real) => {
            Err(Some("write a duration with its unit, such as \"5s\""))
        }
        (ParamKind::Text | ParamKind::Char, Value::Whole(_) | Value::Real | Value::Bool) => {
            Err(QUOTES)
        }
        _ => Err(None),
    }
}

const fn find(name: &str, specs: &'static [ParamSpec]) -> Option<&'static ParamSpec> {
    let mut number = 0;
    while number < specs.len() {
        if is_equal(specs[number].name, name) {
            return Some(&specs[number]);
        }
        number += 1;
    }
    None
}

const fn is_among(name: &str, names: &[&str]) -> bool {
    let mut number = 0;
    while number < names.len() {
        if is_equal(names[number], name) {
            return true;
        }
        number += 1;
    }
    false
}

const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut number = 0;
    while number < one.len() && number < other.len() && one[number] == other[number] {
        number += 1;
    }
    number == one.len() && number == other.len()
}

/// Whether these are names of one type: case, `_` and `-` make no difference.
const fn is_same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one, other) {
            ([b'_' | b'-', rest @ ..], _) => one = rest,
            (_, [b'_' | b'-', rest @ ..]) => other = rest,
            ([first, one_rest @ ..], [second, other_rest @ ..])
                if first.eq_ignore_ascii_case(second) =>
            {
                (one, other) = (one_rest, other_rest);
            }
            _ => return one.is_empty() && other.is_empty(),
        }
    }
}

/// A message, put together by the compiler.
struct Words {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Words {
    /// More than a line or two nobody reads.
    const ROOM: usize = 600;

    const fn new() -> Self {
        Self {
            bytes: [0; Self::ROOM],
            len: 0,
        }
    }

    /// Adds a text, as far as there is room.
    const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut number = 0;
        while number < text.len() && self.len < Self::ROOM {
            self.bytes[self.len] = text[number];
            self.len += 1;
            number += 1;
        }
        self
    }

    /// Adds what there is.
    const fn list(self, specs: &[ParamSpec]) -> Self {
        if specs.is_empty() {
            return self.and(": it has none");
        }
        let mut words = self.and(": it has ");
        let mut number = 0;
        while number < specs.len() {
            let between = match number {
                0 => "`",
                _ if number + 1 == specs.len() => " and `",
                _ => ", `",
            };
            words = words.and(between).and(specs[number].name).and("`");
            number += 1;
        }
        words
    }

    #[track_caller]
    const fn fail(self) -> ! {
        let (words, _) = self.bytes.split_at(self.len);
        match std::str::from_utf8(words) {
            Ok(words) => panic!("{}", words),
            // A letter at the end did not fit as a whole.
            Err(error) => match std::str::from_utf8(words.split_at(error.valid_up_to()).0) {
                Ok(words) => panic!("{}", words),
                Err(_) => panic!("what is wrong cannot be said"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_type() {
        for (one, other, same) in [
            ("SmartMeter", "smart_meter", true),
            ("SmartMeter", "SMART-METER", true),
            ("SmartMeter", "SmartMete", false),
            ("Meter", "Meter_", true),
            ("", "", true),
            ("A", "", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
            assert_eq!(is_same(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn long_messages_are_cut_between_letters() {
        let long = "é".repeat(Words::ROOM);
        let panic = std::panic::catch_unwind(|| Words::new().and("x").and(&long).fail());
        let panic = panic.unwrap_err();
        let words = panic.downcast_ref::<String>().unwrap();
        assert_eq!(words.chars().count(), 1 + (Words::ROOM - 1) / 2);
    }

    #[test]
    fn what_fits_and_what_does_not() {
        let text = Value::Text {
            jid: Some("no"),
            duration: None,
            char: Some("long"),
        };
        const BYTE: ParamKind = ParamKind::Whole(0, 255);
        for (kind, value, fits_in) in [
            (ParamKind::Any, Value::Map, Ok(())),
            (BYTE, Value::Open, Ok(())),
            (BYTE, Value::Whole(255), Ok(())),
            (BYTE, Value::Whole(256), Err(Some("it is out of bounds"))),
            (BYTE, Value::Real, Err(None)),
            (ParamKind::Number, Value::Whole(3), Ok(())),
            (ParamKind::Jid, text, Err(Some("no"))),
            (ParamKind::Duration, text, Ok(())),
            (ParamKind::Optional(&BYTE), Value::Null, Ok(())),
            (
                ParamKind::Optional(&ParamKind::Char),
                text,
                Err(Some("long")),
            ),
            (BYTE, Value::Null, Err(None)),
            (ParamKind::List, Value::Map, Err(None)),
        ] {
            assert_eq!(fits(&kind, &value), fits_in, "{kind:?} {value:?}");
        }
    }
}
