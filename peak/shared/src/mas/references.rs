//! References to the environment: `${NAME}`, `${NAME:-default}`, and `$${` for a plain `${`.
//!
//! They stand in values, never in keys. What a variable holds may be a secret: no message shows it.

use std::env::VarError;

use super::node::{Node, Resolved, Yaml};
use crate::problem::{Problem, Problems};

/// Looks up a variable of the environment.
pub type Variable<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// Puts the values of variables in the place of the references to them, in the whole tree. A value
/// for which that fails becomes the problem that it is.
pub fn resolve(node: &mut Node, variable: Variable<'_>, problems: &mut Problems) {
    each(
        node,
        problems,
        &|resolved, problems| {
            for (name, value) in &resolved.variables {
                problems.keep_secret(value, &format!("${{{name}}}"));
            }
            Yaml::Resolved(resolved)
        },
        variable,
    );
}

/// Only looks at how references are written: what stands in their place is known when the program
/// starts, and until then nothing is wrong with it.
pub fn postpone(node: &mut Node, problems: &mut Problems) {
    let unknown = |_: &str| Ok(String::new());
    each(
        node,
        problems,
        &|_, _| Yaml::Broken(Box::new(Problem::postponed())),
        &unknown,
    );
}

/// Does so with every text in which there are references.
fn each(
    node: &mut Node,
    problems: &mut Problems,
    found: &dyn Fn(Resolved, &mut Problems) -> Yaml,
    variable: Variable<'_>,
) {
    match &mut node.yaml {
        Yaml::List(nodes) => {
            for node in nodes {
                each(node, problems, found, variable);
            }
        }
        Yaml::Map(entries) => {
            for (_, node) in entries {
                each(node, problems, found, variable);
            }
        }
        Yaml::Text(text) => match in_text(text, variable) {
            Ok(None) => {}
            Ok(Some(resolved)) if resolved.variables.is_empty() => {
                node.yaml = Yaml::Text(resolved.text);
            }
            Ok(Some(resolved)) => node.yaml = found(resolved, problems),
            Err(problem) => {
                let problem = problem.in_file(node.place);
                problems.add(problem.clone());
                node.yaml = Yaml::Broken(Box::new(problem));
            }
        },
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::Resolved(_) | Yaml::Broken(_) => {}
    }
}

/// The text with the values in place; `None` if it has nothing to do with references.
fn in_text(text: &str, variable: Variable<'_>) -> Result<Option<Resolved>, Problem> {
    if !text.contains("${") {
        return Ok(None);
    }
    let mut resolved = Resolved {
        text: String::with_capacity(text.len()),
        variables: Vec::new(),
        is_all: true,
    };
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, reference) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            resolved.text.push_str(before);
            resolved.text.push_str("${");
            resolved.is_all = false;
            rest = &reference[2..];
            continue;
        }
        resolved.is_all &= before.is_empty();
        resolved.text.push_str(before);
        let (inner, behind) = reference[2..].split_once('}').ok_or_else(|| {
            Problem::new("a reference to a variable is not closed")
                .hint("write it as `${NAME}`; for a plain `${` write `$${`")
        })?;
        let (name, value) = value(inner, variable)?;
        resolved.text.push_str(&value);
        resolved.variables.push((name.to_owned(), value));
        rest = behind;
    }
    resolved.is_all &= rest.is_empty();
    resolved.text.push_str(rest);
    Ok(Some(resolved))
}

/// The name in a reference, and the value of that variable.
fn value<'a>(inner: &'a str, variable: Variable<'_>) -> Result<(&'a str, String), Problem> {
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    if !is_name(name) {
        let hint = match name.split_once(['-', ':', '=', '?']) {
            Some((name, default)) if is_name(name) => {
                format!("a default is written `${{{name}:-{default}}}`")
            }
            _ => "a name has letters, digits and `_`, and begins with no digit; for a plain `${` \
                  write `$${`"
                .to_owned(),
        };
        let what = format!("`{name}` is not the name of a variable");
        return Err(Problem::new(what).hint(hint));
    }
    if default.is_some_and(|default| default.contains("${")) {
        let what = format!("the default of `${{{name}}}` is a reference itself");
        return Err(Problem::new(what).hint("write a value behind the `:-`"));
    }
    // As in a shell, a default is for variables that are empty, too.
    match (variable(name), default) {
        (Ok(value), Some(default)) if value.is_empty() => Ok((name, default.to_owned())),
        (Ok(value), _) => Ok((name, value)),
        (Err(VarError::NotPresent), Some(default)) => Ok((name, default.to_owned())),
        (Err(VarError::NotPresent), None) => Err(Problem::new(format!(
            "the environment variable `{name}` is not set"
        ))
        .hint(format!(
            "set it, `export {name}=VALUE`, or give it a default here: `${{{name}:-VALUE}}`"
        ))),
        (Err(VarError::NotUnicode(_)), _) => Err(Problem::new(format!(
            "what the environment variable `{name}` holds is not UTF-8 text"
        ))
        .hint("set it to text")),
    }
}

fn is_name(name: &str) -> bool {
    let is_letter = |char: char| char.is_ascii_alphabetic() || char == '_';
    name.starts_with(is_letter)
        && name
            .chars()
            .all(|char| is_letter(char) || char.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn variable(name: &str) -> Result<String, VarError> {
        match name {
            "STOCK" => Ok("12".to_owned()),
            "HOST_1" => Ok("example.org".to_owned()),
            "EMPTY" => Ok(String::new()),
            _ => Err(VarError::NotPresent),
        }
    }

    fn resolved(text: &str) -> Resolved {
        in_text(text, &variable).unwrap().unwrap()
    }

    #[test]
    fn values_take_the_place_of_references() {
        for (text, value, is_all) in [
            ("${STOCK}", "12", true),
            ("${STOCK}${HOST_1}", "12example.org", true),
            ("http://${HOST_1}/x", "http://example.org/x", false),
            ("${NONE:-7}", "7", true),
            ("${EMPTY:-7}", "7", true),
            ("${EMPTY}", "", true),
            ("${NONE:-}", "", true),
            ("${NONE:-a:-b}", "a:-b", true),
            ("$${STOCK}", "${STOCK}", false),
            ("$$${STOCK}", "$${STOCK}", false),
            ("$$ ${STOCK} $", "$$ 12 $", false),
        ] {
            let resolved = resolved(text);
            assert_eq!(
                (resolved.text.as_str(), resolved.is_all),
                (value, is_all),
                "{text}"
            );
        }
        for plain in ["", "$", "$STOCK", "{STOCK}", "$ {STOCK}"] {
            assert_eq!(in_text(plain, &variable), Ok(None), "{plain}");
        }
    }

    #[test]
    fn what_nobody_can_know_yet_is_not_wrong() {
        let read = |text: &str| {
            let mut problems = Problems::of("x".to_owned());
            let mut root = super::super::node::read(text).unwrap();
            postpone(&mut root, &mut problems);
            let clones = super::super::values::number(&root.entries()[0].1, "a number", 1..=9);
            problems.note(clones);
            problems.to_string()
        };
        assert_eq!(read("clones: ${NONE}"), "");
        assert_eq!(read("clones: '${NONE:-many}'"), "");
        let unclosed = read("clones: '${NONE'");
        assert!(
            unclosed.contains("1:9: a reference to a variable is not closed"),
            "{unclosed}"
        );
        assert_eq!(unclosed.matches("error").count(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_reference_says_what_to_write() {
        for (text, what) in [
            (
                "${NONE}",
                "error: the environment variable `NONE` is not set\n\
                 hint: set it, `export NONE=VALUE`, or give it a default here: `${NONE:-VALUE}`\n",
            ),
            (
                "a ${STOCK",
                "error: a reference to a variable is not closed\n\
                 hint: write it as `${NAME}`; for a plain `${` write `$${`\n",
            ),
            (
                "${STOCK-3}",
                "error: `STOCK-3` is not the name of a variable\n\
                 hint: a default is written `${STOCK:-3}`\n",
            ),
            (
                "${}",
                "error: `` is not the name of a variable\n\
                 hint: a name has letters, digits and `_`, and begins with no digit; for a plain \
                 `${` write `$${`\n",
            ),
            (
                "${A:-${STOCK}}",
                "error: the default of `${A}` is a reference itself\n\
                 hint: write a value behind the `:-`\n",
            ),
        ] {
            let problem = in_text(text, &variable).unwrap_err();
            assert_eq!(Problems::from(problem).to_string(), what, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_resolved_or_refused(text in "[$a-c{}:\\-]{0,30}") {
            let lookup = |_: &str| Ok("x".to_owned());
            if let Ok(None) = in_text(&text, &lookup) {
                let has_reference = text.contains("${");
                prop_assert!(!has_reference);
            }
        }

        #[test]
        fn escaped_text_stays_what_it_was(text in "[$a-c{}]{0,30}") {
            let escaped = text.replace("${", "$${");
            let back = in_text(&escaped, &variable).unwrap();
            let back = back.map_or(escaped, |resolved| resolved.text);
            prop_assert_eq!(back, text);
        }
    }
}
