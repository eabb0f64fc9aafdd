//! What may stand behind a parameter, as far as the text of its type says.

use serde_json::{Value, json};

use crate::agent::ParamSpec;

/// The schema of a parameter; anything goes where the type is none that everybody knows.
pub(super) fn of(param: &ParamSpec) -> Value {
    let mut schema = match of_type(param.ty, Where::Itself) {
        // Text may be a reference anyway.
        None => json!({}),
        Some(schema) if schema["type"] == "string" => schema,
        Some(schema) => json!({"anyOf": [schema, {"$ref": "#/definitions/reference"}]}),
    };
    let doc = param.doc.trim();
    let (ty, default) = (param.ty, param.default);
    let about = match default {
        Some(default) => format!("{ty} = {default}"),
        None => format!("{ty} (required)"),
    };
    schema["description"] = match doc {
        "" => about.into(),
        _ => format!("{doc}\n\n{about}").into(),
    };
    if let Some(default) = default.and_then(|default| serde_json::from_str::<Value>(default).ok()) {
        schema["default"] = default;
    }
    schema
}

/// Where a type stands: durations are text only as a parameter itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Itself,
    Within,
}

/// The schema of a type as it is written; `None` if nothing is known of it.
fn of_type(ty: &str, place: Where) -> Option<Value> {
    let ty = ty.trim();
    let (path, inner) = match ty.split_once('<') {
        Some((path, inner)) => (path, inner.strip_suffix('>')?),
        None => (ty, ""),
    };
    let name = path.rsplit("::").next()?.trim();
    let within = |ty| of_type(ty, Where::Within).unwrap_or_else(|| json!({}));
    Some(match name {
        "bool" => json!({"type": "boolean"}),
        "f32" | "f64" => json!({"type": "number"}),
        "String" | "PathBuf" | "Jid" => json!({"type": "string"}),
        "char" => json!({"type": "string", "minLength": 1}),
        "Duration" if place == Where::Itself => json!({
            "type": "string",
            "examples": ["5s", "1m30s", "250ms"],
        }),
        "Option" => {
            let some = of_type(inner, place)?;
            json!({"anyOf": [some, {"type": "null"}]})
        }
        "Vec" | "VecDeque" | "HashSet" | "BTreeSet" => {
            json!({"type": "array", "items": within(first(inner))})
        }
        "HashMap" | "BTreeMap" => {
            let value = inner.get(first(inner).len()..)?.strip_prefix(',')?;
            json!({"type": "object", "additionalProperties": within(first(value))})
        }
        _ => whole_number(name)?,
    })
}

/// The first of several types.
fn first(types: &str) -> &str {
    let mut depth = 0_u32;
    let end = types.find(|char| {
        match char {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && char == ','
    });
    &types[..end.unwrap_or(types.len())]
}

fn whole_number(name: &str) -> Option<Value> {
    let (least, name) = match name.strip_prefix("NonZero") {
        Some(rest) => (1, rest.to_ascii_lowercase()),
        None => (0, name.to_owned()),
    };
    Some(match name.as_str() {
        "u8" => json!({"type": "integer", "minimum": least, "maximum": u8::MAX}),
        "u16" => json!({"type": "integer", "minimum": least, "maximum": u16::MAX}),
        "u32" => json!({"type": "integer", "minimum": least, "maximum": u32::MAX}),
        "u64" | "u128" | "usize" => json!({"type": "integer", "minimum": least}),
        "i8" => json!({"type": "integer", "minimum": i8::MIN, "maximum": i8::MAX}),
        "i16" => json!({"type": "integer", "minimum": i16::MIN, "maximum": i16::MAX}),
        "i32" => json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        "i64" | "i128" | "isize" => json!({"type": "integer"}),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_as_people_write_them() {
        let text = || json!({"type": "string"});
        for (ty, schema) in [
            ("bool", json!({"type": "boolean"})),
            ("std::primitive::f64", json!({"type": "number"})),
            (
                "u8",
                json!({"type": "integer", "minimum": 0, "maximum": 255}),
            ),
            ("NonZeroU64", json!({"type": "integer", "minimum": 1})),
            ("Vec<String>", json!({"type": "array", "items": text()})),
            ("Vec<Duration>", json!({"type": "array", "items": {}})),
            (
                "HashMap<String, Vec<peak::Jid>>",
                json!({
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": text()},
                }),
            ),
            (
                "BTreeMap<String, HashMap<String, bool>>",
                json!({
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": {"type": "boolean"},
                    },
                }),
            ),
            (
                "Option<String>",
                json!({"anyOf": [text(), {"type": "null"}]}),
            ),
        ] {
            assert_eq!(of_type(ty, Where::Itself), Some(schema), "{ty}");
        }
        for ty in [
            "Plan",
            "Option<Plan>",
            "(u8, u8)",
            "Vec<",
            "",
            "<",
            "HashMap<a>",
        ] {
            assert_eq!(of_type(ty, Where::Itself), None, "{ty}");
        }
    }

    #[test]
    fn a_parameter_has_its_words_and_its_default() {
        let param = ParamSpec {
            kind: crate::agent::ParamKind::Any,
            name: "stock",
            doc: " How many.",
            ty: "u64",
            default: Some("10"),
        };
        assert_eq!(
            of(&param),
            json!({
                "anyOf": [
                    {"type": "integer", "minimum": 0},
                    {"$ref": "#/definitions/reference"},
                ],
                "description": "How many.\n\nu64 = 10",
                "default": 10,
            })
        );
    }
}
