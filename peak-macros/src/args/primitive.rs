//! Numbers, truth values and characters as text, checked as the runtime reads them: as JSON.

use std::ops::RangeInclusive;

/// Checks the text of a value whose type has this name; types that are not the language's own pass.
pub(crate) fn check_primitive(text: &str, ty: &str) -> Result<(), String> {
    let expected = match ty {
        "bool" if matches!(text.trim(), "true" | "false") => return Ok(()),
        "bool" => "`true` or `false`".to_owned(),
        "char" if text.chars().count() == 1 => return Ok(()),
        "char" => "one character".to_owned(),
        "f32" | "f64" if is_number(text.trim()) => return Ok(()),
        "f32" | "f64" => "a number such as `21.5`".to_owned(),
        _ => {
            let Some(range) = range(ty) else {
                return Ok(());
            };
            let number = text.trim().parse::<i128>().ok();
            if is_number(text.trim()) && number.is_some_and(|number| range.contains(&number)) {
                return Ok(());
            }
            match (*range.start(), *range.end(), number) {
                (0, _, None | Some(..0)) => "a whole number from 0".to_owned(),
                (_, _, None) => "a whole number".to_owned(),
                (start, end, Some(_)) => format!("a whole number from {start} to {end}"),
            }
        }
    };
    Err(format!("`{text}` is not of type `{ty}`: write {expected}"))
}

/// The values of an integer type, as far as 127 bits go.
fn range(ty: &str) -> Option<RangeInclusive<i128>> {
    Some(match ty {
        "u8" => 0..=u8::MAX.into(),
        "u16" => 0..=u16::MAX.into(),
        "u32" => 0..=u32::MAX.into(),
        // The machine that runs the program may not be this one: the wider of the two.
        "u64" | "usize" => 0..=u64::MAX.into(),
        "u128" => 0..=i128::MAX,
        "i8" => i8::MIN.into()..=i8::MAX.into(),
        "i16" => i16::MIN.into()..=i16::MAX.into(),
        "i32" => i32::MIN.into()..=i32::MAX.into(),
        "i64" | "isize" => i64::MIN.into()..=i64::MAX.into(),
        "i128" => i128::MIN..=i128::MAX,
        _ => return None,
    })
}

/// A number as JSON has them: `.5`, `+5`, `007`, `1_000` and `inf` are none.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let fraction = digits.split_once('.').map(|(_, rest)| rest);
    let begins_well = |digits: &str| digits.starts_with(|first: char| first.is_ascii_digit());
    begins_well(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(begins_well)
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}
