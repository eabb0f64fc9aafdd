//! Parameters as they are named on the command line: `room`, `target:f64=21.5`, `every=5s`.

use peak::__private::writing::{list, nearest, parse_duration};
use peak::Jid;

use crate::failure::Failure;
use crate::words::is_keyword;

/// A parameter of an agent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) ty: Type,
    /// The default, as Rust has it.
    pub(super) default: Option<String>,
}

/// The types that a parameter may have here; in the file it may get any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    /// From the least to the greatest.
    Whole(i128, i128),
    Float,
    Text,
    Duration,
    Jid,
}

macro_rules! whole {
    ($($ty:ident)*) => {
        [$(Type { name: stringify!($ty), kind: Kind::Whole($ty::MIN as i128, $ty::MAX as i128) }),*]
    };
}

const WHOLE: [Type; 8] = whole!(i8 i16 i32 i64 u8 u16 u32 u64);
const OTHERS: [Type; 6] = [
    Type {
        name: "String",
        kind: Kind::Text,
    },
    Type {
        name: "bool",
        kind: Kind::Bool,
    },
    Type {
        name: "f32",
        kind: Kind::Float,
    },
    Type {
        name: "f64",
        kind: Kind::Float,
    },
    Type {
        name: "Duration",
        kind: Kind::Duration,
    },
    Type {
        name: "Jid",
        kind: Kind::Jid,
    },
];

fn types() -> impl Iterator<Item = Type> {
    OTHERS.into_iter().chain(WHOLE)
}

/// The fields that an agent has anyway.
pub(super) const ROUNDS: &str = "rounds";
pub(super) const MESSAGES: &str = "messages";

/// Longer ones make lines that are too long.
const MAX_NAME: usize = 32;
const MAX_DEFAULT: usize = 50;

/// Reads parameters, no two of one name.
pub(super) fn params<'a>(specs: impl IntoIterator<Item = &'a str>) -> Result<Vec<Param>, Failure> {
    let mut params: Vec<Param> = Vec::new();
    for spec in specs {
        let param = Param::read(spec)?;
        if params.iter().any(|other| other.name == param.name) {
            let what = format!("`--param {spec}`: `{}` is given twice", param.name);
            return Err(Failure::new(what));
        }
        params.push(param);
    }
    Ok(params)
}

impl Param {
    fn read(spec: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(format!("`--param {spec}`: {why}"));
        let (head, default) = match spec.split_once('=') {
            Some((head, default)) => (head, Some(default)),
            None => (spec, None),
        };
        let (name, ty) = match head.split_once(':') {
            Some((name, ty)) => (name, Some(ty.trim())),
            None => (head, None),
        };
        let name = name.trim().replace('-', "_");
        check_name(&name).map_err(|why| wrong(&why))?;
        let ty = match (ty, default) {
            (Some(ty), _) => known_type(ty).map_err(|hint| {
                wrong(&format!("`{ty}` is not a type that is known here")).hint(hint)
            })?,
            (None, Some(default)) => type_of(default),
            (None, None) => type_of("text"),
        };
        let default = default.map(|default| ty.literal(default)).transpose();
        let default = default.map_err(|why| wrong(&why))?;
        if default
            .as_ref()
            .is_some_and(|default| default.len() > MAX_DEFAULT)
        {
            return Err(wrong("the default is too long for a command line")
                .hint("leave it out, and write it into the file of the agent"));
        }
        Ok(Self { name, ty, default })
    }

    /// The default in mas.yaml of a parameter that must have a value: something of its type.
    pub(super) fn yaml(&self) -> serde_json::Value {
        match self.ty.kind {
            Kind::Bool => false.into(),
            Kind::Whole(..) => 1.into(),
            Kind::Float => 1.5.into(),
            Kind::Text => format!("some {}", self.name).into(),
            Kind::Duration => "1s".into(),
            Kind::Jid => "nobody@localhost".into(),
        }
    }

    /// Some value, as Rust has it.
    pub(super) fn some_value(&self) -> &'static str {
        match self.ty.kind {
            Kind::Bool => "false",
            Kind::Whole(..) => "1",
            Kind::Float => "1.5",
            Kind::Text => "String::new()",
            Kind::Duration => "Duration::ZERO",
            Kind::Jid => "\"nobody@localhost\".parse().unwrap()",
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let is_small = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    if !name.starts_with(|char: char| char.is_ascii_lowercase()) || !name.chars().all(is_small) {
        return Err(format!(
            "`{name}` cannot be the name of a parameter: it is small letters, digits and `_`"
        ));
    }
    if name.len() > MAX_NAME || name.contains("__") || name.ends_with('_') {
        return Err(format!("`{name}` is too long, or has a `_` too many"));
    }
    if is_keyword(name) {
        return Err(format!("`{name}` is a keyword of Rust"));
    }
    if [ROUNDS, MESSAGES].contains(&name) {
        return Err(format!(
            "the agent counts its {name} there; take another name"
        ));
    }
    Ok(())
}

/// The type of this name; else what to write instead.
fn known_type(name: &str) -> Result<Type, String> {
    if let Some(ty) = types().find(|ty| ty.name == name) {
        return Ok(ty);
    }
    let other_words = [
        ("str", "String"),
        ("string", "String"),
        ("text", "String"),
        ("int", "i64"),
        ("uint", "u64"),
        ("usize", "u64"),
        ("isize", "i64"),
        ("float", "f64"),
        ("double", "f64"),
        ("boolean", "bool"),
        ("duration", "Duration"),
        ("jid", "Jid"),
        ("address", "Jid"),
    ];
    let lower = name.to_lowercase();
    let other = other_words.iter().find(|(word, _)| *word == lower);
    let near = match other {
        Some((_, near)) => Some(*near),
        None => nearest(name, types().map(|ty| ty.name)),
    };
    Err(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "it is one of {}; write any other into the file of the agent",
            list(types().map(|ty| ty.name))
        ),
    })
}

/// What a default without a type is.
fn type_of(default: &str) -> Type {
    let candidates = ["bool", "i64", "f64", "Duration"];
    let mut candidates = types()
        .filter(|ty| candidates.contains(&ty.name))
        .collect::<Vec<_>>();
    candidates.sort_by_key(|ty| match ty.kind {
        Kind::Bool => 0,
        Kind::Whole(..) => 1,
        Kind::Float => 2,
        _ => 3,
    });
    let fitting = candidates
        .into_iter()
        .find(|ty| ty.literal(default).is_ok());
    fitting.unwrap_or(OTHERS[0])
}

impl Type {
    /// The value of this text, as Rust has it in `default = …`; else why it is none.
    fn literal(self, text: &str) -> Result<String, String> {
        let name = self.name;
        let is_not = |what: &str| format!("`{text}` is not {what}");
        match self.kind {
            Kind::Bool => match text {
                "true" | "false" => Ok(text.to_owned()),
                _ => Err(is_not("`true` or `false`")),
            },
            Kind::Whole(least, greatest) => {
                let number = text.parse::<i128>().ok();
                let number = number.filter(|number| (least..=greatest).contains(number));
                let what = format!("a whole number from {least} to {greatest} ({name})");
                number
                    .map(|number| number.to_string())
                    .ok_or_else(|| is_not(&what))
            }
            Kind::Float => float(name, text).ok_or_else(|| is_not(&format!("a number ({name})"))),
            Kind::Text => Ok(format!("{text:?}")),
            Kind::Duration => match parse_duration(text) {
                Ok(_) => Ok(format!("{text:?}")),
                Err(error) => Err(error.to_string()),
            },
            Kind::Jid => match text.parse::<Jid>() {
                Ok(_) => Ok(format!("{text:?}")),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

/// A finite number with a point in it.
fn float(ty: &str, text: &str) -> Option<String> {
    match ty {
        "f32" => text
            .parse::<f32>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| format!("{number:?}")),
        _ => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| format!("{number:?}")),
    }
}

/// What goes below the help.
pub(super) fn help() -> String {
    let names: Vec<&str> = types().map(|ty| ty.name).collect();
    format!(
        "Types of parameters:\n  {}\n  \
         Without one it is what the default is: `--param target=21.5` is an f64, `--param room` text.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(spec: &str) -> String {
        match Param::read(spec) {
            Ok(Param { name, ty, default }) => match default {
                Some(default) => format!("{name}: {} = {default}", ty.name),
                None => format!("{name}: {}", ty.name),
            },
            Err(failure) => failure.text(),
        }
    }

    #[test]
    fn names_types_and_defaults() {
        for (spec, param) in [
            ("room", "room: String"),
            ("room=attic", "room: String = \"attic\""),
            ("room=", "room: String = \"\""),
            ("target=21.5", "target: f64 = 21.5"),
            ("target:f64=21", "target: f64 = 21.0"),
            ("target:f32=1e3", "target: f32 = 1000.0"),
            ("stock=10", "stock: i64 = 10"),
            ("stock:u8=255", "stock: u8 = 255"),
            ("shift=-5", "shift: i64 = -5"),
            ("open=true", "open: bool = true"),
            ("every=1m30s", "every: Duration = \"1m30s\""),
            ("room:String=5", "room: String = \"5\""),
            ("url=http://a?b=c", "url: String = \"http://a?b=c\""),
            (
                "my-shop:Jid=shop@localhost",
                "my_shop: Jid = \"shop@localhost\"",
            ),
        ] {
            assert_eq!(read(spec), param);
        }
    }

    #[test]
    fn what_is_wrong_with_them() {
        for (spec, words) in [
            ("", "`` cannot be the name of a parameter"),
            ("Room", "`Room` cannot be the name of a parameter"),
            ("type=x", "`type` is a keyword"),
            ("rounds=3", "the agent counts its rounds there"),
            ("x:u8=256", "`256` is not a whole number from 0 to 255 (u8)"),
            ("x:bool=yes", "`yes` is not `true` or `false`"),
            ("x:f64=warm", "`warm` is not a number (f64)"),
            ("x:f64=inf", "`inf` is not a number (f64)"),
            ("x:Duration=5", "`5` is not a duration"),
            ("x:Jid=a@b@c", "a@b@c"),
            ("x:int", "hint: did you mean `i64`?"),
            ("x:Strin", "hint: did you mean `String`?"),
            ("x:Vec<u8>", "hint: it is one of `String`, `bool`"),
            (&format!("x={}", "y".repeat(49)), "the default is too long"),
        ] {
            let failure = read(spec);
            assert!(failure.contains(words), "{spec}: {failure}");
        }
        let failure = params(["x", "x:u8"]).unwrap_err().text();
        assert!(failure.contains("`x` is given twice"), "{failure}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_parameter_or_refused(spec in "[a-z_:=A-Z0-9.\\-\"\\\\é]{0,16}") {
            if let Ok(param) = Param::read(&spec) {
                prop_assert!(!param.name.is_empty());
                prop_assert_eq!(param.default.is_some(), spec.contains('='));
            }
        }
    }
}
